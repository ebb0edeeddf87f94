// SPDX-License-Identifier: GPL-3.0-or-later
// What a program of a package may not do even in its own namespaces. Both functions make only
// system calls, so that they can run between fork() and execve().
#pragma once

namespace ccci::seal {

// Keeps what a package's script needs in its own files. It matters where there is no user
// namespace: there the other capabilities would reach the host.
void drop_capabilities();

// Sets a system call filter for this process and all that it starts. False if the kernel refuses.
bool filter_calls();

}  // namespace ccci::seal
