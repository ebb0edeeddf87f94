// SPDX-License-Identifier: GPL-3.0-or-later
// Cold verification: runs every check in a fresh clone at the claimed commit, with an empty state
// directory and a short list of variables. It changes only its own clone. A gate with `live` lets
// its checks change the machine's state; then the checks are responsible for that.
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
  std::vector<std::string> reasons;  // why the check failed; empty: it passed
  Observation seen;
  std::vector<Observation> other;  // of expect.same_as, if it is given

  bool held() const { return reasons.empty(); }
};

struct Verification {
  std::string refusal;  // not empty: no check was run, and this is why the claim is false
  base::Json state;     // where the state of the checks was: Place::state()
  std::vector<CheckResult> checks;

  bool passed() const;
};

// What is verified: the claim as written in the ledger.
struct Claimed {
  std::string phase;
  std::string gate;
  git::Commit commit;
  base::Json digests;
  base::Json rules;  // rules.hpp
};

struct Cold {
  std::string url;             // where to clone from
  std::filesystem::path base;  // a relative url starts here
  PlaceWish place;
  std::string path;                 // PATH of the checks
  std::vector<std::string> passed;  // variables passed on from our own, e.g. "https_proxy"
};

// [gate.clone] if there is nothing to check: the clone failed, or it does not have the commit.
base::Result<Verification> verify_cold(const Claimed& claimed, const Cold& cold,
                                       base::ProcessRunner& processes, base::Progress& progress);

}  // namespace ccci::gate
