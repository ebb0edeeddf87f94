// SPDX-License-Identifier: GPL-3.0-or-later
// What the proofs look at in the declaration's git repository: the files that may hold a second
// list, the lists that came before, and an earlier lock. Nothing here changes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "project/project.hpp"
#include "prove/observation.hpp"
#include "store/store.hpp"

namespace ccci::prove {

class ProvenRepository {
 public:
  explicit ProvenRepository(const project::Project& project);

  // Every file that git knows or would take up, submodules included, that a reader wants. What
  // could not be read is a reading with an obstacle.
  std::vector<Reading> readings() const;

  std::vector<BaselineList> baselines() const;

  // The environment of the lock at the revision, as far as the store has its packages.
  Earlier earlier(const store::Store& store, const std::string& revision) const;

 private:
  BaselineList baseline(const declare::Baseline& declared) const;
  base::Result<std::string> file_at(const std::string& revision, const std::string& path,
                                    std::uint64_t limit) const;

  const project::Project& project_;
  std::string root_;      // empty: there is no repository
  std::string obstacle_;  // and this is why
};

}  // namespace ccci::prove
