// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a declared image as one file that is both an OCI archive and what `docker load` reads. The
// file is the same on every machine.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/documents.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::image {

struct Made {
  std::string name;
  std::filesystem::path file;
  std::vector<std::string> tags;
  std::string digest;  // of the OCI manifest: "sha256:…"
  std::string id;      // of the configuration, which is Docker's image id: "sha256:…"
  std::uint64_t bytes = 0;
  // The sha256 of the project's files as they are in it, by their source.
  std::map<std::string, std::string> files = {};
};

// The declared images of these names; all if there are none. Sorted. [image.unknown],
// [image.none]
base::Result<std::vector<std::string>> names(const project::Project& project,
                                             const std::vector<std::string>& wanted);

// Builds what is missing in the store, and replaces `file`. [image.*], [source.*], [store.*],
// [environment.*], [configure.*]
base::Result<Made> make(const project::Project& project, const project::Context& context,
                        store::Store& store, const lock::Lock& lock, const std::string& name,
                        const std::filesystem::path& file);

}  // namespace ccci::image
