// SPDX-License-Identifier: GPL-3.0-or-later
// Carries a plan out: an environment object in the store.
//
//   root/              the composed root
//   manifest           of root/
//   environment.json   the Environment (schema 1)
//   scripts.json       what was left out, what stands in for scripts
//   meta.json          digest, bytes, the package objects it needs
#pragma once

#include "base/result.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "store/store.hpp"

namespace ccci::environment {

// The environment of the plan: made, or found where somebody made it meanwhile. `parts` are those
// the plan was made from. Several at once is good. [environment.*], [store.*]
base::Result<Environment> build(store::Store& store, const Plan& plan,
                                const std::vector<Part>& parts);

// A published environment, without its scripts. [base.open], [environment.record] where its record
// is damaged.
base::Result<Environment> load(const store::Store& store, const store::Address& address);
base::Result<std::vector<Script>> load_scripts(const store::Store& store,
                                               const store::Address& address);

}  // namespace ccci::environment
