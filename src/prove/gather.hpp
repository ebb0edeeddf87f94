// SPDX-License-Identifier: GPL-3.0-or-later
// Gathers the input of the proofs from repository, store and hosts, and runs the proofs.
#pragma once

#include <string>
#include <vector>

#include "project/project.hpp"
#include "prove/proof.hpp"

namespace ccci::prove {

struct Request {
  std::string since;      // a git revision
  bool no_build = false;  // build nothing; a proof that needs a missing object is unproven
};

// Every proof, in the order of the table. [cli.no-lock], [cli.stale-lock], [store.*]
base::Result<std::vector<Proof>> prove_all(const project::Project& project,
                                           const project::Context& context, const Request& request);

}  // namespace ccci::prove
