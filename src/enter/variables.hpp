// SPDX-License-Identifier: GPL-3.0-or-later
// Decides with one table which of the caller's environment variables a command inside gets.
#pragma once

#include "entrypoint.hpp"
#include "entrypoint_variables.hpp"

namespace ccci::enter {

// The variables for the command: the caller's variables that are allowed (with `pure` only a short
// list), then PATH, the marker and the variables of the entrypoint. The result points into the
// texts of the caller and the view.
char** compose_variables(const EntrypointView& view, char** callers, bool pure);

// Prints the lines `dropped NAME reason` and `kept-by-pure NAME reason` on standard output.
void list_variables();

}  // namespace ccci::enter
