// SPDX-License-Identifier: GPL-3.0-or-later
// What of the caller's environment variables reaches a command inside, in one table.
#pragma once

#include "entrypoint.hpp"

namespace ccci::enter {

struct VariableRule {
  const char* name;    // a trailing '*' stands for any rest
  const char* reason;  // why it is dropped, or why --pure keeps it
};

// The variables for the command: the caller's that may stay (with `pure` only the short list), then
// PATH, the marker and what the entrypoint gives. Points into the caller's and the view's texts.
char** compose_variables(const EntrypointView& view, char** callers, bool pure);

// `dropped NAME reason` and `kept-by-pure NAME reason` lines on standard output.
void list_variables();

}  // namespace ccci::enter
