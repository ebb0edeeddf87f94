// SPDX-License-Identifier: GPL-3.0-or-later
// Whether programs do something or wait for something. A program on a slow machine takes longer,
// but one that waits for what never comes waits for ever on every machine.
#pragma once

#include <sys/types.h>

namespace ccci::seal {

// Returns true if a descendant of the process runs now, or waits for a processor or a disk (the
// states R and D of proc(5)). False if nothing can be read.
bool is_busy(pid_t process);

}  // namespace ccci::seal
