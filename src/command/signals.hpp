// SPDX-License-Identifier: GPL-3.0-or-later
// Handling of SIGPIPE. A reader that closes its pipe (`cc-ci show | head`) must not kill a running
// build, so cc-ci ignores the signal. Before exec the original setting is restored.
#pragma once

namespace ccci::command {

void ignore_broken_pipe();
void restore_broken_pipe();
// Ends the process by SIGPIPE, like a program that does not handle the signal.
void end_by_broken_pipe();

}  // namespace ccci::command
