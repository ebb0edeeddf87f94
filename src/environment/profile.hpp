// SPDX-License-Identifier: GPL-3.0-or-later
// The /etc/profile of an environment. Debian's own one would replace PATH in every login shell
// (bash -l, tmux, script), so it would show every program of the root.
#pragma once

#include <string>
#include <vector>

#include "environment/environment.hpp"

namespace ccci::environment {

inline constexpr const char* profile_file = "etc/profile";

// Sets PATH to the environment's directories, then reads /etc/profile.d/*.sh as Debian's does.
std::string profile(const std::vector<Exposed>& exposed);

}  // namespace ccci::environment
