// SPDX-License-Identifier: GPL-3.0-or-later
// Executes a plan: creates an environment object in the store.
//
//   root/              the composed root
//   manifest           of root/
//   environment.json   the Environment (schema 1)
//   scripts.json       files that were left out, and the replacements of scripts
//   meta.json          digest, bytes, the package objects it needs
#pragma once

#include "base/result.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "environment/sibling.hpp"
#include "store/store.hpp"
#include "store/tree_writer.hpp"

namespace ccci::environment {

// Builds the environment of the plan, or returns it if another process has built it meanwhile.
// `parts` are those that the plan was made from. May run several times at once. [environment.*],
// [store.*]
base::Result<Environment> build(store::Store& store, const Plan& plan,
                                const std::vector<Part>& parts);

// Loads a published environment without its scripts. [base.open], [environment.record] if its
// record is damaged.
base::Result<Environment> load(const store::Store& store, const store::Address& address);
base::Result<std::vector<Script>> load_scripts(const store::Store& store,
                                               const store::Address& address);

// Makes a planned root in the empty `directory`, whose path is `path`. Without a sibling: for a
// root that is no environment.
base::Result<store::WrittenTree> compose_root(const store::Store& store, const Plan& plan,
                                              const std::vector<Part>& parts, int directory,
                                              const std::filesystem::path& path,
                                              Sibling* sibling = nullptr);

// What makes the linker cache of a root, in which it runs. `wrapped`: the root has
// usr/sbin/ldconfig.real (Ubuntu), and ldconfig is a script around it.
std::vector<std::string> linker_cache_command(bool wrapped);

}  // namespace ccci::environment
