// SPDX-License-Identifier: GPL-3.0-or-later
// What a claim signs besides the texts of its gate: the rules of the phase, and the keys in force.
// Otherwise a claimant could change them afterwards: pass a claim with a second key of their own,
// or prolong how long a verdict is fresh.
//
//   {"fresh_for": "24h", "after": ["M0"], "keys": {"KEY-ID": {"name": "alice", "may": ["verify"]}}}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "gate/phase.hpp"
#include "gate/trust.hpp"

namespace ccci::gate {

// `after`: the gates that must pass before this one, in their order.
base::Json rules(const Phase& phase, std::string_view gate, const Trust& trust);

// What changed after the claim, as one sentence. Empty if nothing did. A key that lost the right to
// verify is a change; a key that is added is none, it may verify later claims.
std::string changed_rules(const base::Json& claimed, const Phase& phase, std::string_view gate,
                          const Trust& trust);

// Whether this key could verify when the rules were signed.
bool could_verify(const base::Json& claimed, std::string_view key_id);
// The parties that may verify now and could not when the rules were signed. Sorted names.
std::vector<std::string> later_verifiers(const base::Json& claimed, const Trust& trust);

}  // namespace ccci::gate
