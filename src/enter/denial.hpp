// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the setting of this host that denied a step of the isolation.
#pragma once

namespace ccci::enter {

enum class Step : unsigned char { user_namespace, identity_map, mount_namespace, mount };

// Ends the process with the failure that names the setting. `error` is the error of the step.
// `root` is the environment's root, for the hint. `what` names the operand if a mount failed.
[[noreturn]] void fail_denied(Step step, long error, const char* root, const char* what);

// Whether a seccomp filter is active for this process, from /proc/self/status.
bool is_filtered();

}  // namespace ccci::enter
