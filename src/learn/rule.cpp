// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/rule.hpp"

#include <algorithm>
#include <utility>

namespace ccci::learn {

std::string quoted_value(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string rule_key(const std::string& name) {
  const bool bare = name.find_first_of("+.") == std::string::npos;
  return "packages." + (bare ? name : quoted_value(name));
}

bool is_plain(const std::string& name) {
  constexpr const char* allowed = "abcdefghijklmnopqrstuvwxyz0123456789+.-";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos;
}

std::vector<Rule> rules_of(const Findings& findings) {
  std::vector<Rule> rules;
  const auto add = [&](Rule rule) {
    const auto same = [&](const Rule& other) { return other.name == rule.name; };
    if (std::none_of(rules.begin(), rules.end(), same)) rules.push_back(std::move(rule));
  };
  for (const std::string& name : findings.pypi()) add({Rule::Kind::pypi, name, name});
  for (const Outside& one : findings.outside) {
    if (!is_plain(one.command) || one.npm.empty()) continue;
    add({Rule::Kind::npm, one.command, one.npm});
  }
  for (const Missing& one : findings.missing) {
    if (!is_plain(one.command) || !one.package.starts_with("npm:")) continue;
    add({Rule::Kind::npm, one.command, one.package.substr(one.package.find(':') + 1)});
  }
  // A module without commands is a tool too: the declaration has no other list for it.
  for (const Need& one : findings.npm_modules) {
    const std::string tool = one.name.substr(one.name.rfind('/') + 1);
    if (is_plain(tool)) add({Rule::Kind::npm_module, tool, one.name});
  }
  return rules;
}

std::string text_of(const Rule& rule) {
  std::string text = "[" + rule_key(rule.name) + "]\n";
  text += rule.kind == Rule::Kind::pypi ? "pypi = " : "npm = ";
  text += quoted_value(rule.package) + "\n";
  if (rule.kind == Rule::Kind::npm_module) text += "commands = []\n";
  return text;
}

}  // namespace ccci::learn
