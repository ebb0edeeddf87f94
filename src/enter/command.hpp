// SPDX-License-Identifier: GPL-3.0-or-later
// Executes the command inside the environment.
#pragma once

#include "entrypoint.hpp"

namespace ccci::enter {

// Executes words[0] in this process. A name without '/' is searched only in the view's `path`
// directories. Ends the process with 127 (no such command) or 126 (cannot be executed). Descriptors
// that the caller left open stay open: a jobserver, LISTEN_FDS, a shell's <(…).
[[noreturn]] void execute(const EntrypointView& view, char** words, char** variables);

}  // namespace ccci::enter
