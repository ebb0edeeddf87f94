// SPDX-License-Identifier: GPL-3.0-or-later
// From words to an exit status; the one place where errors are printed.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "report/style.hpp"

namespace ccci::cli {

// Results to stdout, all else to stderr. With --json an error is also an object on stdout,
// {"schema": 1, "error": {…}}. Expects SIGPIPE to be ignored; where the reader of stdout is gone
// the process ends by that signal, as other programs do.
int dispatch(const std::vector<std::string>& words, const Commands& table,
             const report::Variables& variables);

}  // namespace ccci::cli
