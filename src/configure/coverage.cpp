// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/coverage.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "configure/shell_commands.hpp"
#include "environment/alternatives.hpp"
#include "environment/covered_commands.hpp"

namespace ccci::configure {

namespace {

using environment::covered_commands;
using environment::CoveredCommand;

bool is_harmless_shebang(std::string_view script) {
  const std::string_view line = script.substr(0, script.find('\n'));
  return line.starts_with("#!/bin/sh") || line.starts_with("#! /bin/sh") ||
         line.starts_with("#!/bin/bash") || line.starts_with("#! /bin/bash") ||
         line.starts_with("#!/usr/bin/sh") || line.starts_with("#!/bin/dash");
}

std::string base_of(const std::string& word) { return word.substr(word.rfind('/') + 1); }

bool has_expansion(const std::string& word) {
  return word.find_first_of("$*?[") != std::string::npos;
}

// rm and rmdir have no effect on what does not exist.
bool removes_nothing(const SimpleCommand& command,
                     const std::function<bool(const std::string&)>& exists) {
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (word.starts_with('-')) continue;
    // A relative path is below a directory that an earlier command chose.
    if (has_expansion(word) || !word.starts_with('/') || exists(environment::merged_path(word)))
      return false;
  }
  return true;
}

bool edits_in_place(const SimpleCommand& command) {
  return std::any_of(command.words.begin() + 1, command.words.end(), [](const std::string& word) {
    return word.starts_with("-i") || word.starts_with("--in-place");
  });
}

bool asks_dpkg(const SimpleCommand& command) {
  static constexpr std::array<std::string_view, 11> questions{
      "--compare-versions", "--print-", "--assert-", "--validate-", "--listfiles", "--status",
      "--search",           "--list",   "-L",        "-S",          "-s"};
  return command.words.size() > 1 &&
         std::any_of(questions.begin(), questions.end(), [&](std::string_view question) {
           return command.words[1].starts_with(question);
         });
}

// The argument is a script, which runs later.
bool sets_no_trap(const SimpleCommand& command) {
  return command.words.size() < 2 || command.words[1].empty() || command.words[1] == "-";
}

// Reading debconf's module is not an effect. Another sourced file may define anything.
bool sources_only_debconf(const SimpleCommand& command) {
  return command.words.size() == 2 && command.words[1] == "/usr/share/debconf/confmodule";
}

// Byte code differs from run to run, so it is never kept.
bool compiles_python(const SimpleCommand& command) {
  return std::any_of(command.words.begin(), command.words.end(), [](const std::string& word) {
    return base_of(word) == "py_compile.py" || base_of(word) == "compileall.py";
  });
}

bool resolved(const SimpleCommand& command) {
  return std::none_of(command.words.begin(), command.words.end(), has_expansion);
}

// What a test, a sourced file, or a search for a program names.
void add_asked(const SimpleCommand& command, std::vector<std::string>& asks) {
  if (command.words.size() < 2) return;
  const std::string& name = command.words.front();
  const bool tests = name == "[" || name == "test" || name == ".";
  const bool searches = name == "which" || name == "type" || name == "hash" || name == "command";
  for (std::size_t i = 1; i < command.words.size() && (tests || searches); ++i) {
    const std::string& word = command.words[i];
    if (has_expansion(word) || word.starts_with('-')) continue;
    if (word.starts_with('/')) asks.push_back(environment::merged_path(word));
    if (!searches || word.find('/') != std::string::npos) continue;
    for (const char* directory : {"usr/bin/", "usr/sbin/"}) asks.push_back(directory + word);
  }
}

// Whether a test or a search names what it looks for by a variable.
bool asks_by_variable(const SimpleCommand& command) {
  if (command.words.size() < 2) return false;
  static constexpr std::array<std::string_view, 7> questions{"[",    "test", ".",      "which",
                                                             "type", "hash", "command"};
  return std::find(questions.begin(), questions.end(), command.words.front()) != questions.end() &&
         std::any_of(command.words.begin() + 1, command.words.end(), has_expansion);
}

// The paths that the lines of a script assign to variables:
// SCRIPT="/usr/sbin/update-default-wordlist"
void add_assigned(std::string_view text, std::vector<std::string>& asks) {
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const bool is_name =
        std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
          return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                 (c >= 'a' && c <= 'z');
        });
    std::string_view value = line.substr(equals + 1);
    if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
    value = value.substr(0, value.find_first_of("\"' \t;&|"));
    if (!is_name || !value.starts_with('/') || value.find('$') != std::string_view::npos) continue;
    asks.push_back(environment::merged_path(value));
  }
}

class Judge {
 public:
  Judge(const ShellScript& script, const std::function<bool(const std::string&)>& exists)
      : exists_(exists), functions_(script.functions.begin(), script.functions.end()) {
    for (const CoveredCommand& row : covered_commands()) rows_.emplace(row.name, row.how);
  }

  bool makes_accounts(const SimpleCommand& command) const {
    if (command.words.empty()) return false;
    const auto row = rows_.find(base_of(command.words.front()));
    return row != rows_.end() && row->second == CoveredCommand::How::accounts;
  }

  bool covers(const SimpleCommand& command) const {
    if (command.words.empty()) return !command.writes;
    if (command.writes) return false;
    const std::string name = base_of(command.words.front());
    if (functions_.contains(name)) return true;
    if (name == ".") return sources_only_debconf(command);
    if (name == "rm" || name == "rmdir") return removes_nothing(command, exists_);
    // Composing obeys only the diversions of preinst, which come before the files.
    if (name == "dpkg-divert") return false;
    if (name == "dpkg") return asks_dpkg(command);
    if (name == "trap") return sets_no_trap(command);
    if (name == "sed") return !edits_in_place(command);
    if (name == "update-alternatives") return resolved(command);
    if (name == "ucf") return resolved(command);
    if (name == "ucfr") return true;
    if (compiles_python(command)) return true;
    if (name == "command") return command.words.size() > 1 && command.words[1] == "-v";
    return rows_.contains(name);
  }

 private:
  const std::function<bool(const std::string&)>& exists_;
  std::set<std::string> functions_;
  std::map<std::string_view, CoveredCommand::How> rows_;
};

}  // namespace

Coverage coverage(std::string_view text, const std::function<bool(const std::string&)>& exists) {
  Coverage result;
  if (text.empty()) return result;
  const ShellScript script = read_shell(text);
  if (!is_harmless_shebang(text)) {
    result.covered = false;
    result.because = "not a shell script";
  } else if (!script.certain) {
    result.covered = false;
    result.because = "not read completely";
  }
  const auto& commands = script.commands;
  if (std::any_of(commands.begin(), commands.end(), asks_by_variable)) {
    add_assigned(text, result.asks);
  }
  const Judge judge(script, exists);
  for (const SimpleCommand& command : script.commands) {
    if (!command.words.empty() && base_of(command.words.front()) == "dpkg-trigger") {
      for (std::size_t i = 1; i < command.words.size(); ++i) {
        if (!command.words[i].starts_with('-')) result.activates.push_back(command.words[i]);
      }
    }
    add_asked(command, result.asks);
    result.makes_accounts = result.makes_accounts || judge.makes_accounts(command);
    if (!result.covered || judge.covers(command)) continue;
    result.covered = false;
    result.because = command.words.empty() ? "a redirection" : base_of(command.words.front());
  }
  return result;
}

}  // namespace ccci::configure
