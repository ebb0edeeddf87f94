// SPDX-License-Identifier: GPL-3.0-or-later
// Which characters are allowed where. A form describes one kind of string. No form allows newlines,
// control characters, quotes in names or path escapes, so none of these can reach a unit file, PATH
// or a shell. Free text (arguments, variables) may contain quotes, '%' and '$'. The code that
// writes it into a unit or an entrypoint must escape it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccci::declare {

// Character classes are written as in a regular expression, without brackets: "a-z0-9+.-". An empty
// class allows any text without control characters.
struct Form {
  std::string_view first;
  std::string_view rest;
  std::size_t shortest = 1;  // bytes
  std::size_t longest = 100;
  std::string_view expected;  // follows the word "expected" in messages
  // Checks what the classes cannot express: returns the reason for refusal, or an empty string.
  std::string (*objection)(std::string_view) = nullptr;
  std::string_view colon = {};  // why ':' is refused
  // What to write instead of a value that the objection refuses. May be empty.
  std::string (*remedy)(std::string_view) = nullptr;
  // Of a number: said of another number that the classes or the length refuse.
  std::string_view out_of_range = {};

  std::string pattern() const;  // ECMA 262, for the JSON Schema
};

namespace forms {
extern const Form tool;            // tools, [packages.NAME], hosts
extern const Form project_file;    // certificates
extern const Form module;          // python
extern const Form package;         // [packages.NAME]: a tool or a module
extern const Form debian_package;  // debian = "…"
extern const Form host_file;       // host_files
extern const Form library;         // absent_libraries
extern const Form service;         // timers, runners: becomes part of a unit name
extern const Form baseline;        // names of baselines, and the names in them
extern const Form command;         // names of programs
extern const Form command_path;
extern const Form variable;
extern const Form variable_value;
extern const Form argument;
extern const Form schedule;
extern const Form runner_kind;
extern const Form unit;
extern const Form any_unit;   // watched units: of any type
extern const Form program;    // the daemons of runners
extern const Form directory;  // the directories of timers
extern const Form user;
extern const Form secret_file;  // of a timer: files on the host
extern const Form variables_file;
extern const Form credential;
extern const Form address;
extern const Form deadline;
extern const Form gate;
extern const Form blocked;  // commands that a gate blocks
extern const Form timeout;
extern const Form suite;
extern const Form component;
extern const Form source_name;        // [sources.NAME]
extern const Form archive_suite;      // of other archives than Debian's
extern const Form archive_component;  // the same
extern const Form snapshot;
extern const Form uri;
extern const Form keyring;
extern const Form url;
extern const Form archive_file;
extern const Form pypi_name;  // pypi = "…"
extern const Form version;    // version = "…"
extern const Form index;      // index = "…"
extern const Form sha256;
extern const Form revision_file;  // [baselines] from = "…"
extern const Form repository_path;
extern const Form reason;
extern const Form image_tag;  // "example.org/web:1.0"
extern const Form image_port;
extern const Form image_label;
extern const Form image_path;   // an absolute path in an image
extern const Form image_owner;  // a user's name or number
extern const Form account_number;
extern const Form account_path;  // a field of /etc/passwd
extern const Form octal_mode;
extern const Form link_target;
extern const Form recipe;  // [recipes.NAME]
extern const Form recipe_source;
extern const Form engine_address;  // [recipes] engine
extern const Form hook_point;      // [recipes.NAME.hooks.POINT]
extern const Form hook_line;
extern const Form results_address;  // [sweep] results
extern const Form restic_repository;
extern const Form job_count;
extern const Form retention;
extern const Form byte_count;
extern const Form branch;
extern const Form image_archive;
extern const Form url_path;
extern const Form permission;
extern const Form tier;
extern const Form host_name;
extern const Form http_status;
extern const Form page_text;
}  // namespace forms

// Returns the reason why `text` does not match the form, or an empty string.
std::string objection(const Form& form, std::string_view text);

// Changes the case of letters and the separators so that `text` matches the form. Returns an empty
// string if that is not enough.
std::string mended(const Form& form, std::string_view text);

}  // namespace ccci::declare
