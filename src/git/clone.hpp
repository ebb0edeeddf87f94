// SPDX-License-Identifier: GPL-3.0-or-later
// A copy of a repository in which commits can be checked out, without touching the original. No
// hook and no filter program of the machine runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::git {

class Clone {
 public:
  // `place` is a directory or a URL; `directory` must not exist, its parent must. [git.remote]
  static base::Result<Clone> make(const std::string& place, const std::filesystem::path& directory,
                                  base::ProcessRunner& processes);

  const std::filesystem::path& directory() const { return directory_; }
  // Makes the files those of the commit. [gate.git]
  base::Result<void> go_to(const std::string& commit) const;
  // The commits on the first-parent line from `after` (without it) to `last`, the oldest first.
  // Only `last` if it does not come after `after`. [gate.git]
  base::Result<std::vector<std::string>> commits_between(const std::string& after,
                                                         const std::string& last) const;
  // The commits that changed one of the files, the newest first. [gate.git]
  base::Result<std::vector<std::string>> commits_of(const std::vector<std::string>& files,
                                                    std::size_t most) const;

 private:
  Clone(std::filesystem::path directory, base::ProcessRunner& processes)
      : directory_(std::move(directory)), processes_(&processes) {}
  base::Command command(std::vector<std::string> words) const;
  base::Result<std::vector<std::string>> lines(std::vector<std::string> words) const;

  std::filesystem::path directory_;
  base::ProcessRunner* processes_;
};

}  // namespace ccci::git
