// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/snippet.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "learn/rule.hpp"

namespace ccci::learn {

namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + quoted_value(name);
  return out + "]";
}

}  // namespace

std::string snippet(const Findings& findings) {
  std::vector<std::string> tools = findings.tools();
  std::vector<std::string> python = findings.python();
  std::string rules;
  for (const Rule& rule : rules_of(findings)) {
    (rule.kind == Rule::Kind::pypi ? python : tools).push_back(rule.name);
    rules += "\n" + text_of(rule);
  }
  for (const Outside& one : findings.outside) {
    if (!one.npm.empty()) continue;
    // Skip names that a declaration does not allow, and files that could not be read.
    if (!is_plain(one.command) || one.sha256.empty()) continue;
    tools.push_back(one.command);
    rules += "\n[" + rule_key(one.command) + "]\n";
    rules += "# a copy of " + base::printable(one.path) + "; or url = the address of the archive\n";
    rules += "file     = " + quoted_value("archives/" + one.command) + "\n";
    rules += "sha256   = " + quoted_value(one.sha256) + "\n";
    rules +=
        "commands = { " + quoted_value(one.command) + " = " + quoted_value(one.command) + " }\n";
  }
  if (tools.empty() && python.empty()) return {};
  std::string out = "[runtime]\n";
  if (!tools.empty()) out += "tools  = " + list_of(tools) + "\n";
  if (!python.empty()) out += "python = " + list_of(python) + "\n";
  return out + rules;
}

}  // namespace ccci::learn
