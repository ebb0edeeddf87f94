// SPDX-License-Identifier: GPL-3.0-or-later
// Cold verification: a fresh clone at the claimed commit, an empty state directory, a short list of
// variables, every check run. It works on its own clone and nowhere else; what a gate with `live`
// lets its checks do to the machine's state is theirs to answer for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "gate/observe.hpp"
#include "gate/phase.hpp"
#include "gate/place.hpp"
#include "git/repository.hpp"

namespace ccci::gate {

struct CheckResult {
  std::string name;
  std::vector<std::string> reasons;  // what does not hold; empty: the check held
  Observation seen;
  std::vector<Observation> other;  // of expect.same_as: one or none

  bool held() const { return reasons.empty(); }
};

struct Verification {
  std::string refusal;  // not empty: no check was run, and why the claim is false all the same
  base::Json state;     // where the checks' state stood: Place::state()
  std::vector<CheckResult> checks;

  bool passed() const;
};

// What is verified: the claim as it stands in the ledger.
struct Claimed {
  std::string phase;
  std::string gate;
  git::Commit commit;
  base::Json digests;
};

struct Cold {
  std::string url;             // where to clone from
  std::filesystem::path base;  // what a relative url counts from
  PlaceWish place;
  std::string path;                 // PATH of the checks
  std::vector<std::string> passed;  // variables handed on from our own, e.g. "https_proxy"
};

// [gate.clone] where there is nothing to judge: no clone, no such commit there.
base::Result<Verification> verify_cold(const Claimed& claimed, const Cold& cold,
                                       base::ProcessRunner& processes, base::Progress& progress);

}  // namespace ccci::gate
