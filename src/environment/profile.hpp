// SPDX-License-Identifier: GPL-3.0-or-later
// What login shells of an environment read first. Debian's own /etc/profile would replace PATH in
// every login shell (bash -l, tmux, script), so it would show every program of the root. fish does
// not read it: a file of its package appends /usr/bin and others instead.
#pragma once

#include <string>
#include <vector>

#include "environment/environment.hpp"

namespace ccci::environment {

inline constexpr const char* profile_file = "etc/profile";

// Sets PATH to the environment's directories, then reads /etc/profile.d/*.sh as Debian's does.
std::string profile(const std::vector<Exposed>& exposed);

// Of fish's package only comments. fish reads it after the files of all packages.
inline constexpr const char* fish_file = "etc/fish/config.fish";

// Sets PATH to the environment's directories if it does not begin with them, and takes the
// directories away that fish appended.
std::string fish_profile(const std::vector<Exposed>& exposed);

}  // namespace ccci::environment
