// SPDX-License-Identifier: GPL-3.0-or-later
// Image archives as seeds of engines. The first run with an archive loads it; each later one has
// its images at once.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "engine/http.hpp"
#include "run/setup.hpp"
#include "run/watcher.hpp"

namespace ccci::run {

// [run.no-archive]
base::Result<base::Fd> open_image_archive(const std::filesystem::path& archive);

// The images of the archive: familiar name -> id. They are read from its seed if there is one:
// a compressed archive takes seconds to read. [run.no-archive], [engine.archive], [engine.seed]
base::Result<std::map<std::string, std::string>> image_ids(const Setup& setup,
                                                           const std::filesystem::path& archive);

// A seed for each archive of the setup. Nothing is returned for those that this host cannot keep as
// seeds: they are in `unseeded`, to be loaded into the engine. [run.no-archive], [engine.*], errors
// of the guard, with the `archive` that was being loaded
struct ImageSeeds {
  std::vector<std::filesystem::path> seeds;
  std::vector<std::filesystem::path> unseeded;
};
base::Result<ImageSeeds> image_seeds(const Setup& setup, Watcher& watcher,
                                     const engine::Guard& guard);

}  // namespace ccci::run
