// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a command line and returns the exit status. Errors are printed only here.
#pragma once

#include <string>
#include <vector>

#include "command/command.hpp"
#include "report/style.hpp"

namespace ccci::command {

// Prints results to stdout and everything else to stderr. With --json an error is also printed as
// an object on stdout, {"schema": 1, "error": {…}}. The caller must ignore SIGPIPE. If the reader
// of stdout is gone, the process ends by that signal, like other programs.
int dispatch(const std::vector<std::string>& words, const Commands& table,
             const report::Variables& variables);

}  // namespace ccci::command
