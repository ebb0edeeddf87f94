// SPDX-License-Identifier: GPL-3.0-or-later
// The proofs. Each is a pure function of what was declared, planned and observed, and takes time
// linear in the size of its input. So a thousand hosts need well under a second.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "prove/observation.hpp"
#include "prove/proof.hpp"

namespace ccci::prove {

// Names and their reasons: [prove.ignore] by path, [waivers] by tool.
using Reasons = std::map<std::string, std::string>;

// Every declared host's system was built. Names collisions.
Proof builds(const declare::Declaration& declaration, const std::vector<BuiltHost>& hosts);

// The tools are declared once: no file of the repository and no consumer has a list of its own. A
// path in `ignore` is a file or a directory. `environment` is the hash of the shared environment.
// If it is empty, the environment is not built, and the proof is unproven.
Proof single_source(const declare::Declaration& declaration, const std::vector<Reading>& repository,
                    const Reasons& ignore, const std::vector<Consumer>& consumers,
                    const std::string& environment);

// The environment contains the tools of every baseline. `exposed` are the commands of the shared
// environment. If it is nullptr, the environment is not built, and only declared names count.
Proof superset(const declare::Declaration& declaration, const std::vector<BaselineList>& baselines,
               const Reasons& waivers, const std::vector<environment::Exposed>* exposed);

// Every consumer on every host executes one entrypoint, byte for byte.
Proof parity(const declare::Declaration& declaration, const std::vector<Consumer>& consumers);

// The hosts' lists are the same except for their declared extras. Reports what each host gains and
// loses.
Proof divergence(const declare::Declaration& declaration, const std::vector<HostView>& hosts,
                 const std::vector<BaselineList>& baselines, const Reasons& waivers);

// A tool that is added to the declaration appears at every consumer.
Proof propagation(const declare::Declaration& declaration, const Trial& trial);

// Inside the environment with this hash, only declared tools can be found.
Proof closed(const std::string& environment, const Inside& inside);

// The commands that were added and removed since an earlier lock. A removed command fails, unless a
// waiver names it or its tool.
Proof appeared(const Earlier& earlier, const std::vector<environment::Exposed>& now,
               const Reasons& waivers);

// The consumers that follow from the declaration. Parity and propagation must have seen all of
// them.
struct Expected {
  std::string host;
  std::string name;
};
std::vector<Expected> expected_consumers(const declare::Declaration& declaration);

// The baseline as declared. Sets the host whose name the baseline has ("cc-ci", "host-cc-ci").
BaselineList baseline_list(const declare::Declaration& declaration,
                           const declare::Baseline& baseline);

struct Revision {
  std::string path;
  std::string revision;
};
// Splits "PATH@REV" at the last '@'. [prove.from]
base::Result<Revision> parse_from(std::string_view from);

}  // namespace ccci::prove
