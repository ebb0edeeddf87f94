// SPDX-License-Identifier: GPL-3.0-or-later
// The paths of a unit that are missing on this host, or have the wrong type.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "doctor/runner_observation.hpp"

namespace ccci::doctor {

// Of required_paths(). `root` is the environment's, or empty if it is not built. What a unit makes
// that starts with this one and before it (Requires=, After=, StateDirectory=) is not missing.
std::vector<UnusablePath> unusable_paths(const ObservedUnit& unit, const std::string& root,
                                         const std::filesystem::path& host);

}  // namespace ccci::doctor
