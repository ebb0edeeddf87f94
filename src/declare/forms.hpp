// SPDX-License-Identifier: GPL-3.0-or-later
// Which characters are allowed where. A form is what one kind of string must look like; what none
// of them allows (newlines, control characters, quotes in names, path escapes) can reach no unit
// file, no PATH and no shell. Free text (arguments, variables) may hold quotes, '%' and '$':
// whoever writes it into a unit or an entrypoint escapes it there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccci::declare {

// Character classes are written as in a regular expression, without brackets: "a-z0-9+.-". An empty
// class means any text without control characters.
struct Form {
  std::string_view first;
  std::string_view rest;
  std::size_t shortest = 1;  // bytes
  std::size_t longest = 100;
  std::string_view expected;  // reads after "expected"
  // What the classes cannot say: the reason why not, or an empty string.
  std::string (*objection)(std::string_view) = nullptr;

  std::string pattern() const;  // ECMA 262, for the JSON Schema
};

namespace forms {
extern const Form tool;            // tools, [packages.NAME], hosts
extern const Form module;          // python
extern const Form package;         // [packages.NAME]: a tool or a module
extern const Form debian_package;  // debian = "…"
extern const Form service;         // timers, runners: becomes part of a unit's name
extern const Form baseline;        // names in baselines, and of them
extern const Form command;         // names of programs
extern const Form command_path;
extern const Form variable;
extern const Form variable_value;
extern const Form argument;
extern const Form schedule;
extern const Form runner_kind;
extern const Form unit;
extern const Form any_unit;   // units that are watched: of every type
extern const Form program;    // runners' daemons
extern const Form directory;  // of timers
extern const Form user;
extern const Form address;
extern const Form deadline;
extern const Form suite;
extern const Form component;
extern const Form uri;
extern const Form keyring;
extern const Form url;
extern const Form archive_file;
extern const Form sha256;
extern const Form revision_file;  // [baselines] from = "…"
extern const Form repository_path;
extern const Form reason;
}  // namespace forms

// The reason why `text` is not of the form, or an empty string.
std::string objection(const Form& form, std::string_view text);

// Letters in the case and with the separators that the form wants, where that makes it fit;
// otherwise an empty string.
std::string mended(const Form& form, std::string_view text);

}  // namespace ccci::declare
