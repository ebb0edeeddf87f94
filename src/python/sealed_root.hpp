// SPDX-License-Identifier: GPL-3.0-or-later
// A root of locked packages in which one program runs sealed off.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "seal/sealed_run.hpp"
#include "store/store.hpp"

namespace ccci::python {

class SealedRoot {
 public:
  // Composes the root in an empty staging directory. It is gone afterwards. [environment.*],
  // [store.*]
  static base::Result<SealedRoot> make(store::Store& store,
                                       const std::vector<environment::Part>& parts,
                                       const std::vector<environment::OwnFile>& files);
  // Keeps the root in the store, without the files, so that the next run need not compose it: npm
  // has 25,000 files. Nothing refers to it, so `cc-ci gc` takes it away. [environment.*], [store.*]
  static base::Result<SealedRoot> keep(store::Store& store, const std::string& label,
                                       const std::vector<environment::Part>& parts,
                                       const std::vector<environment::OwnFile>& files);
  SealedRoot(SealedRoot&& other) noexcept
      : staging_(std::exchange(other.staging_, std::nullopt)), lower_(std::move(other.lower_)) {}
  SealedRoot& operator=(SealedRoot&&) = delete;
  ~SealedRoot();

  // Fills in the members of `run` that name the root. [seal.*]
  base::Result<seal::SealedOutcome> run(seal::SealedRun run) const;

 private:
  explicit SealedRoot(store::Staging staging) : staging_(std::move(staging)) {}
  static base::Result<SealedRoot> begin(store::Store& store);

  std::optional<store::Staging> staging_;
  std::string lower_ = "lower";
};

}  // namespace ccci::python
