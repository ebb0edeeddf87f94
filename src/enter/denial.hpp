// SPDX-License-Identifier: GPL-3.0-or-later
// Which setting of this host denied what isolation needs.
#pragma once

namespace ccci::enter {

enum class Step : unsigned char { user_namespace, identity_map, mount_namespace, mount };

// Ends the process with the failure that names the setting. `error` is what the step gave, `root`
// the environment's root for the hint, `what` names the operand where a mount failed.
[[noreturn]] void fail_denied(Step step, long error, const char* root, const char* what);

// How the process is held, from /proc/self/status: a seccomp filter is active.
bool is_filtered();

}  // namespace ccci::enter
