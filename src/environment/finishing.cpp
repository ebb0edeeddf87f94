// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/finishing.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "environment/covered_commands.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

namespace {

constexpr std::string_view nothing_to_do = "changes nothing in a new root";

// Scripts that are only for removal or upgrade are not needed in a newly made root.
bool only_for_removal(std::string_view name) { return name == "prerm" || name == "postrm"; }

std::string stands_in(const Part& part, const std::string& name, const std::string& text,
                      const std::vector<Alternative>& alternatives) {
  if (only_for_removal(name)) return "nothing is ever removed from a root";
  std::vector<std::string> found;
  if (name == "postinst" && text.find("update-alternatives") != std::string::npos) {
    std::vector<std::string> names;
    for (const Alternative& alternative : alternatives) {
      if (alternative.package == part.package.name) names.push_back(alternative.name);
    }
    if (!names.empty()) found.push_back("alternatives: " + base::join(names, ", "));
    for (const std::string& call : read_alternatives(text, part.package.name).unresolved) {
      found.push_back("not followed: " + call);
    }
  }
  if (name == "triggers") {
    return "see the postinst of the package that is interested";
  }
  std::set<std::string_view> reasons;
  for (const CoveredCommand& row : covered_commands()) {
    if (row.how != CoveredCommand::How::computes && !invocations(text, row.name).empty() &&
        reasons.insert(row.why).second) {
      found.emplace_back(row.why);
    }
  }
  return found.empty() ? std::string(nothing_to_do) : base::join(found, "; ");
}

// What became of a package's scripts that were run.
std::map<std::string, std::string> outcomes(const std::vector<Part>& parts) {
  std::map<std::string, std::string> all;
  for (const Part& part : parts) all.insert(part.outcome.begin(), part.outcome.end());
  return all;
}

std::string ran_text(const std::vector<Part>& parts,
                     const std::pair<const std::string, std::string>& outcome) {
  if (!outcome.second.empty()) return "run, but " + outcome.second;
  for (const Part& part : parts) {
    const auto because = part.because.find(outcome.first);
    if (because != part.because.end() && !because->second.empty()) {
      return "run while the environment was built: " + because->second;
    }
  }
  return "run while the environment was built";
}

std::string configuration(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return "configuration: /" + paths.front();
  return "configuration: /" + paths.front() + " and " + std::to_string(paths.size() - 1) + " more";
}

}  // namespace

std::vector<Script> list_scripts(
    const std::vector<Part>& parts, const std::vector<Alternative>& alternatives,
    const std::map<std::string, std::vector<std::string>>& configured) {
  std::vector<Script> scripts;
  const std::map<std::string, std::string> ran = outcomes(parts);
  for (const Part& part : parts) {
    const auto outcome = ran.find(part.package.name);
    for (const auto& [name, text] : part.control) {
      if (name == "control") continue;
      if (name == "postinst" && outcome != ran.end()) {
        scripts.push_back({part.package.name, name, ran_text(parts, *outcome)});
        continue;
      }
      std::string why = stands_in(part, name, text, alternatives);
      const auto files = configured.find(part.package.name);
      if (name == "postinst" && files != configured.end()) {
        const std::string made = configuration(files->second);
        why = why == nothing_to_do ? made : made + "; " + why;
      }
      scripts.push_back({part.package.name, name, std::move(why)});
    }
  }
  std::sort(scripts.begin(), scripts.end(), [](const Script& a, const Script& b) {
    return std::tie(a.package, a.name) < std::tie(b.package, b.name);
  });
  return scripts;
}

}  // namespace ccci::environment
