// SPDX-License-Identifier: GPL-3.0-or-later
// Images that a new engine has at once, without loading. A seed is the image store of an engine
// that loaded one archive. The layers of a seed are mounted read-only into the data of a new
// engine, and its small records are copied. So a seed of any size costs some milliseconds, and any
// number of engines share it. Only engines with the storage driver overlay2 can use one.
//
//   SEED/overlay2/ID/diff     the files of a layer; next to them `link`, `lower`, `committed`
//   SEED/image/               records: images, layers, names (repositories.json)
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::engine {

// A mount of a seed: `target` is relative to the data of the engine.
struct SeedMount {
  std::string source;
  std::string target;

  bool operator==(const SeedMount&) const = default;
};

// What plant() prepares mount points for. Layers that several seeds have under one id come once.
// [engine.seed] if a directory is no seed
base::Result<std::vector<SeedMount>> seed_mounts(std::span<const std::filesystem::path> seeds);

// The images of a seed: familiar name -> id. [engine.seed], [base.*]
base::Result<std::map<std::string, std::string>> seed_ids(const std::filesystem::path& seed);

// Writes records and mount points into the data of an engine that has not started yet.
base::Result<void> plant(std::span<const std::filesystem::path> seeds,
                         const std::filesystem::path& data);

// Takes the image store out of the data of an engine that has ended, and publishes it as `seed`
// completely or not at all. Both are on one file system.
base::Result<void> harvest(const std::filesystem::path& data, const std::filesystem::path& seed);

}  // namespace ccci::engine
