// SPDX-License-Identifier: GPL-3.0-or-later
// The proofs. Pure functions of what was declared, planned and seen; each takes time linear in what
// it is given, so that a thousand hosts are proved in well under a second.
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

// Every declared host's system is built; collisions are named.
Proof builds(const declare::Declaration& declaration, const std::vector<BuiltHost>& hosts);

// The tools are declared once: no file of the repository and no consumer has a list of its own.
// A path of `ignore` is a file or a folder. `environment` is the shared environment's hash (empty:
// not built, and then the proof cannot be made).
Proof single_source(const declare::Declaration& declaration, const std::vector<Reading>& repository,
                    const Reasons& ignore, const std::vector<Consumer>& consumers,
                    const std::string& environment);

// The environment covers every baseline. `exposed` are the shared environment's (nullptr: it is not
// built, and then only declared names count).
Proof superset(const declare::Declaration& declaration, const std::vector<BaselineList>& baselines,
               const Reasons& waivers, const std::vector<environment::Exposed>* exposed);

// Every consumer on every host executes one entrypoint, byte for byte.
Proof parity(const declare::Declaration& declaration, const std::vector<Consumer>& consumers);

// The hosts' lists are the same but for their declared extras; what each gains and loses.
Proof divergence(const declare::Declaration& declaration, const std::vector<HostView>& hosts,
                 const std::vector<BaselineList>& baselines, const Reasons& waivers);

// A tool added to the declaration shows at every consumer.
Proof propagation(const declare::Declaration& declaration, const Trial& trial);

// Nothing that was not declared resolves inside the environment with this hash.
Proof closed(const std::string& environment, const Inside& inside);

// Which commands came and went since an earlier lock. One that went fails unless its name or its
// tool's is waived.
Proof appeared(const Earlier& earlier, const std::vector<environment::Exposed>& now,
               const Reasons& waivers);

// The consumers that the declaration makes: those that parity and propagation must have seen.
struct Expected {
  std::string host;
  std::string name;
};
std::vector<Expected> expected_consumers(const declare::Declaration& declaration);

// A baseline as declared: the host that it is named for ("cc-ci", "host-cc-ci") is put in.
BaselineList baseline_list(const declare::Declaration& declaration,
                           const declare::Baseline& baseline);

struct Revision {
  std::string path;
  std::string revision;
};
// The two sides of "PATH@REV": the last '@' parts them. [prove.from]
base::Result<Revision> parse_from(std::string_view from);

}  // namespace ccci::prove
