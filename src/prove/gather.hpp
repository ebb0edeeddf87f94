// SPDX-License-Identifier: GPL-3.0-or-later
// Gathers what the proofs judge, and has them judge it.
#pragma once

#include <string>
#include <vector>

#include "project/project.hpp"
#include "prove/proof.hpp"

namespace ccci::prove {

struct Request {
  std::string since;      // a git revision
  bool no_build = false;  // what is not built stays so, and its proofs unproven
};

// Every proof, in the order of the table. [cli.no-lock], [cli.stale-lock], [store.*]
base::Result<std::vector<prove::Proof>> prove_all(const project::Project& project,
                                                  const project::Context& context,
                                                  const Request& request);

}  // namespace ccci::prove
