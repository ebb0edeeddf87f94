// SPDX-License-Identifier: GPL-3.0-or-later
// Findings as lines that a test can compare: "3:5 runtimeInputs: git curl py:pytest".
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "prove/readers.hpp"

namespace ccci::prove {

inline std::string shown(const Finding& finding) {
  std::string out = std::to_string(finding.line) + ":" + std::to_string(finding.column) + " " +
                    finding.what + ":";
  for (const Mention& mention : finding.tools)
    out += std::string(" ") + (mention.module ? "py:" : "") + mention.name;
  if (finding.side == Side::front) out += " front";
  if (finding.side == Side::back) out += " back";
  if (finding.side == Side::whole) out += " whole";
  for (const std::string& directory : finding.directories) out += " " + directory;
  if (!finding.certain) out += " ?";
  return out;
}

inline std::vector<std::string> shown(const Reading& reading) {
  std::vector<std::string> out;
  for (const Finding& finding : reading.findings) out.push_back(shown(finding));
  if (!reading.unavailable.empty()) out.push_back("unavailable " + reading.unavailable);
  return out;
}

// Where each of the finding's tools stands: "git@3:7".
inline std::vector<std::string> places(const Finding& finding) {
  std::vector<std::string> out;
  for (const Mention& mention : finding.tools)
    out.push_back(mention.name + "@" + std::to_string(mention.at.line) + ":" +
                  std::to_string(mention.at.column));
  return out;
}

}  // namespace ccci::prove
