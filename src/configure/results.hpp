// SPDX-License-Identifier: GPL-3.0-or-later
// Collects what maintainer scripts made, and decides what of it may be part of an environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/tree_writer.hpp"

namespace ccci::configure {

struct LeftOut {
  std::string path;
  std::string why;

  bool operator==(const LeftOut&) const = default;
};

struct Results {
  store::WrittenTree tree;              // of root/, with the modes and times of an environment
  std::vector<std::string> removed;     // paths of packages that the scripts removed; sorted
  std::vector<LeftOut> left_out;        // sorted by path
  std::vector<std::string> normalised;  // files with their parts in another order; sorted
};

struct Harvest {
  int upper = -1;                 // descriptor of what the scripts wrote
  int directory = -1;             // has root/, which is empty
  const store::Manifest& before;  // of the root in which the scripts ran
  std::int64_t epoch = 0;         // the time of what was made
  bool accounts = false;          // keep etc/passwd and the like, for other scripts
  std::string_view only = {};     // take only what lies below this directory of cc-ci's own
};

// Moves the new and changed files from upper/ to root/. Files whose content is unchanged are left.
// [configure.results]
base::Result<Results> harvest(const Harvest& harvest);

// Why a file that a script made never enters an environment; "" if it may. `readable`: every user
// may read it.
std::string refusal(std::string_view path, bool readable, bool accounts);

}  // namespace ccci::configure
