// SPDX-License-Identifier: GPL-3.0-or-later
// What programs that a recipe controls see of the host's files: its tests, and a browser with its
// pages.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "engine/companion.hpp"

namespace ccci::run {

// Covers for directories of the host: /tmp, /var/tmp and /dev/shm are empty and writable, /home,
// /root, /srv and the other directories below / that no environment needs are empty. A directory
// that holds `state` stays as it is, because the environment is there. `place` is the directory of
// the engine on the host. [base.*]
base::Result<std::vector<engine::Cover>> seclude(const std::filesystem::path& place,
                                                 const std::filesystem::path& state);

}  // namespace ccci::run
