// SPDX-License-Identifier: GPL-3.0-or-later
// What git knows about the directory of a recipe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "git/repository.hpp"
#include "recipe/folder.hpp"

namespace ccci::recipe {

struct History {
  std::string commit;               // HEAD
  bool dirty = false;               // files differ from it
  std::vector<git::Tag> tags;       // all
  std::vector<git::Tag> ancestors;  // those in the history of HEAD
};

// Nothing if the directory is not the top of a repository with a commit: the tags of a repository
// around it are not the recipe's. [gate.git]
base::Result<std::optional<History>> read_history(const Folder& folder,
                                                  base::ProcessRunner& processes);

// Only the tags. Unlike read_history() this never compares files with the index, so git runs no
// filter that the repository's own configuration names. Nothing as above. [gate.git]
base::Result<std::optional<std::vector<git::Tag>>> read_tags(const Folder& folder,
                                                             base::ProcessRunner& processes);

}  // namespace ccci::recipe
