// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/snippet.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::learn {

namespace {

// Escapes names, because a file in /usr/local/bin can have any name.
std::string quoted_value(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + quoted_value(name);
  return out + "]";
}

bool is_plain(const std::string& name) {
  constexpr const char* allowed = "abcdefghijklmnopqrstuvwxyz0123456789+.-";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos;
}

std::string npm_rule(const std::string& tool, const std::string& package) {
  const bool bare = tool.find_first_of("+.") == std::string::npos;
  return "\n[packages." + (bare ? tool : quoted_value(tool)) + "]\nnpm = " + quoted_value(package) +
         "\n";
}

}  // namespace

std::string snippet(const Findings& findings) {
  std::vector<std::string> tools = findings.tools();
  std::vector<std::string> python = findings.python();
  std::string rules;
  for (const std::string& name : findings.pypi()) {
    python.push_back(name);
    rules += "\n[packages." + (name.find('.') == std::string::npos ? name : quoted_value(name)) +
             "]\npypi = " + quoted_value(name) + "\n";
  }
  for (const Outside& one : findings.outside) {
    if (!is_plain(one.command) || one.npm.empty()) continue;
    tools.push_back(one.command);
    rules += npm_rule(one.command, one.npm);
  }
  for (const Missing& one : findings.missing) {
    if (!is_plain(one.command) || !one.package.starts_with("npm:")) continue;
    tools.push_back(one.command);
    rules += npm_rule(one.command, one.package.substr(one.package.find(':') + 1));
  }
  // A module without commands is a tool too: the declaration has no other list for it.
  for (const Need& one : findings.npm_modules) {
    const std::string tool = one.name.substr(one.name.rfind('/') + 1);
    if (!is_plain(tool)) continue;
    tools.push_back(tool);
    rules += npm_rule(tool, one.name) + "commands = []\n";
  }
  for (const Outside& one : findings.outside) {
    if (!one.npm.empty()) continue;
    // Skip names that a declaration does not allow, and files that could not be read.
    if (!is_plain(one.command) || one.sha256.empty()) continue;
    tools.push_back(one.command);
    rules += "\n[packages." +
             (one.command.find_first_of("+.") == std::string::npos ? one.command
                                                                   : quoted_value(one.command)) +
             "]\n";
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
