// SPDX-License-Identifier: GPL-3.0-or-later
// A root of locked packages in which one program runs sealed off. It is gone afterwards.
#pragma once

#include <optional>
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
  // Composes the root in an empty staging directory. [environment.*], [store.*]
  static base::Result<SealedRoot> make(store::Store& store,
                                       const std::vector<environment::Part>& parts,
                                       const std::vector<environment::OwnFile>& files);
  SealedRoot(SealedRoot&& other) noexcept : staging_(std::exchange(other.staging_, std::nullopt)) {}
  SealedRoot& operator=(SealedRoot&&) = delete;
  ~SealedRoot();

  // Fills in the members of `run` that name the root. [seal.*]
  base::Result<seal::SealedOutcome> run(seal::SealedRun run) const;

 private:
  explicit SealedRoot(store::Staging staging) : staging_(std::move(staging)) {}

  std::optional<store::Staging> staging_;
};

}  // namespace ccci::python
