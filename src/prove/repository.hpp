// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of the declaration's git repository that the proofs need: files that may contain a
// second list, old tool lists, and an earlier lock. Changes nothing in the repository.
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

  // Every file that a reader handles and that git tracks or would add, including submodules. An
  // unreadable file is a reading with an unavailable.
  std::vector<Reading> readings() const;

  std::vector<BaselineList> baselines() const;

  // The environment of the lock at this revision, as far as the store has its packages.
  Earlier earlier(const store::Store& store, const std::string& revision) const;

 private:
  BaselineList baseline(const declare::Baseline& declared) const;
  base::Result<std::string> file_at(const std::string& revision, const std::string& path,
                                    std::uint64_t limit) const;

  const project::Project& project_;
  std::string root_;         // empty: there is no repository
  std::string unavailable_;  // the reason for that
};

}  // namespace ccci::prove
