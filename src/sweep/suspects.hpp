// SPDX-License-Identifier: GPL-3.0-or-later
// Reads from repositories what may have turned a recipe: its commits, and the revisions of the
// declaration.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "git/clone.hpp"
#include "sweep/bisect.hpp"

namespace ccci::sweep {

// The revisions of a declaration, in a copy of its repository.
class Revisions {
 public:
  // `file` is the declaration. The copy is in `work`/declaration. [gate.no-repository],
  // [git.remote]
  static base::Result<Revisions> open(const std::filesystem::path& file,
                                      const std::filesystem::path& work,
                                      base::ProcessRunner& processes);

  // The declaration as it was at the commit. Valid until the next call. [gate.git]
  base::Result<std::filesystem::path> at(const std::string& commit) const;

  // From the revision whose digest was `green` to the present one, the oldest first. Empty if none
  // of the last 50 has it. `digest_of` builds the environment of a declaration, or reads its
  // settings; one of which it fails is left out. `what` is searched for: "environment".
  using DigestOf = std::function<base::Result<std::string>(const std::filesystem::path& file)>;
  base::Result<std::vector<Revision>> since(const std::string& green, const std::string& present,
                                            const DigestOf& digest_of, const std::string& what,
                                            base::Progress& progress) const;

 private:
  Revisions(git::Clone clone, std::string path)
      : clone_(std::move(clone)), path_(std::move(path)) {}

  git::Clone clone_;
  std::string path_;  // of the declaration in the repository
};

}  // namespace ccci::sweep
