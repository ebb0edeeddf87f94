// SPDX-License-Identifier: GPL-3.0-or-later
// Images that no archive has, from their registry: only if the recipe may (allow = ["pull"]). The
// engine has no way to a registry, or is another's. So skopeo of the environment fetches them on
// the host, with its network and its logins, as an archive like any other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "run/setup.hpp"

namespace ccci::run {

// `image` as the archive names it: "app@sha256:…" has no tag, and gets "latest".
std::string pulled_name(const std::string& image);

// `largest` is the most bytes of a file that it writes: layers become larger when they are
// unpacked.
std::vector<std::string> pull_command(const Setup& setup, const std::string& image,
                                      const std::filesystem::path& archive, std::uint64_t largest);

// Writes the archive, and other files beside it meanwhile. [run.no-program], [run.pull] with the
// registry's `problem`, [run.archive-disk]
base::Result<void> pull(const Setup& setup, const std::string& image,
                        const std::filesystem::path& archive, std::chrono::milliseconds limit,
                        base::ProcessRunner& processes);

}  // namespace ccci::run
