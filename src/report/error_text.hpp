// SPDX-License-Identifier: GPL-3.0-or-later
// Errors as people and programs read them. Everything that came from outside is made printable.
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

// The error and those behind it, a blank line between, and their number where there are several.
std::string render(const base::Error& error, const Style& style);
// The same as a warning: what happened is survivable, and the row's message says what is done
// instead.
std::string render_warning(const base::Error& error, const Style& style);
std::string render_warning(std::string_view text, const Style& style);
std::string render_note(std::string_view text, const Style& style);

// {"code", "message", "exit", "fields", "where", "notes", "hint", "also"}: under "error" beside
// "schema" on stdout where --json was asked for; the text stays on stderr.
base::Json to_json(const base::Error& error);

// The highest-ranking exit class among the error and those behind it: operation, usage, verdict.
int exit_status(const base::Error& error);

}  // namespace ccci::report
