// SPDX-License-Identifier: GPL-3.0-or-later
// SIGPIPE. A reader that went away (`cc-ci show | head`) must not kill a build half-way, so it is
// ignored while cc-ci works; a program that takes the process over gets it as cc-ci found it.
#pragma once

namespace ccci::cli {

void ignore_broken_pipe();
void restore_broken_pipe();
// Ends the process the way a program ends that knows nothing of SIGPIPE.
void end_by_broken_pipe();

}  // namespace ccci::cli
