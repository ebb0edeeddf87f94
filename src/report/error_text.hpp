// SPDX-License-Identifier: GPL-3.0-or-later
// Renders errors for people and for programs. Text from outside is made printable.
//
//   cc-ci: error: cc-ci.toml:14:20: unknown package 'git-lsf' [declare.unknown]
//      14 | packages = ["git", "git-lsf"]
//         |                    ^^^^^^^^^
//   note: …
//   hint: …
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "report/style.hpp"

namespace ccci::report {

// The error and the errors in its `also`, separated by blank lines, and their number if there are
// several.
std::string render(const base::Error& error, const Style& style);
// The same as a warning: the work goes on, and the row's message says what happens instead.
std::string render_warning(const base::Error& error, const Style& style);
std::string render_warning(std::string_view text, const Style& style);
std::string render_note(std::string_view text, const Style& style);

// {"code", "message", "exit", "fields", "where", "notes", "hint", "also"}. With --json it is
// printed on stdout as {"schema", "error"}; the text still goes to stderr.
base::Json to_json(const base::Error& error);

// The highest exit status among the error and those in its `also`.
int exit_status(const base::Error& error);

}  // namespace ccci::report
