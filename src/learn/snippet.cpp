// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/snippet.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "learn/rule.hpp"

namespace ccci::learn {

namespace {

constexpr std::size_t page = 80;  // columns

// `head` is "tools  = ". A list that is too long for one line gets lines of its own.
std::string list_of(const std::string& head, const std::vector<std::string>& names) {
  std::string line = head + "[";
  for (const std::string& name : names)
    line += (line.size() > head.size() + 1 ? ", " : "") + quoted_value(name);
  if (line.size() < page) return line + "]\n";
  std::string out = head + "[\n";
  line = " ";
  for (const std::string& name : names) {
    const std::string word = " " + quoted_value(name) + ",";
    if (line.size() > 1 && line.size() + word.size() > page) {
      out += line + "\n";
      line = " ";
    }
    line += word;
  }
  return out + line + "\n]\n";
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
  std::vector<std::string> packages;
  for (const Opened& one : findings.packages) packages.push_back(one.package);
  if (tools.empty() && python.empty() && packages.empty()) return {};
  std::string out = "[runtime]\n";
  if (!tools.empty()) out += list_of("tools  = ", tools);
  if (!python.empty()) out += list_of("python = ", python);
  if (!packages.empty()) out += list_of("packages = ", packages);
  return out + rules;
}

}  // namespace ccci::learn
