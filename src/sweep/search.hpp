// SPDX-License-Identifier: GPL-3.0-or-later
// Searches on this machine for what turned a recipe red: gathers the suspects and runs the trials
// of bisect().
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "run/source.hpp"
#include "sweep/bisect.hpp"
#include "sweep/machine.hpp"
#include "sweep/suspects.hpp"
#include "sweep/sweep.hpp"

namespace ccci::sweep {

struct Search {
  const Setup& setup;  // how a recipe is tested here
  std::string recipe;
  run::Source source;             // of the recipe
  std::filesystem::path file;     // the declaration
  std::string environment;        // digest of the present one
  std::filesystem::path files;    // of the trials: made anew
  std::filesystem::path work;     // an empty directory
  Revisions::DigestOf digest_of;  // builds the environment of another state of the declaration
  declare::SettingDigests settings = {};  // the present ones
  Revisions::DigestOf settings_of = {};   // setting_text() of another state
};

struct Found {
  Suspects suspects;
  Bisected bisected;
  // Why older environments could not be looked for: the declaration is not in git.
  std::optional<base::Error> no_revisions = {};
};

// No verdict is stored. `progress` gets notes on each trial. [sweep.trial], [sweep.never-green],
// [sweep.not-red], [git.*]; [sweep.bisect-stopped] if `setup` was asked to stop
base::Result<Found> search(const Search& search, const history::History& history, Machine& machine,
                           base::Progress& progress);

}  // namespace ccci::sweep
