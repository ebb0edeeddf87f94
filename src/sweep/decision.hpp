// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a recipe is tested in this sweep, and why. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "declare/recipe_settings.hpp"
#include "git/remote.hpp"
#include "history/record.hpp"

namespace ccci::sweep {

// What a test would take now for the images of the last verdict, by the names that the verdict has.
// What nobody can tell without a test is absent: an image of a registry, or of a shared engine.
struct ImagesNow {
  std::map<std::string, std::string> ids;  // as in the verdict
  std::set<std::string> not_made;          // declared; a look makes no image
  std::set<std::string> gone;              // neither an archive nor the declaration has it any more
  std::string problem = {};                // why an archive cannot be read

  bool operator==(const ImagesNow&) const = default;
};

// What is known of a recipe before the sweep.
struct Candidate {
  std::string name;
  std::optional<git::RemoteRefs> refs;  // nothing: it could not be asked for
  std::string problem = {};             // why
  bool repository = true;               // false: a directory without a repository of its own
  std::string shallow = {};             // the directory, if it is a shallow clone without releases
  std::optional<history::Canonical> canonical = {};
  std::optional<history::Record> last = {};  // the latest verdict
  ImagesNow images = {};
  declare::SettingDigests settings = {};  // of the declaration
  // The night in which it was to be run and was not; no later one has a verdict of it.
  std::string missed = {};

  bool operator==(const Candidate&) const = default;
};

struct Rules {
  std::string environment;  // digest; empty: nobody knows it yet
  std::chrono::seconds max_age = std::chrono::days(30);
  bool all = false;  // test each recipe that has a release
  base::WallTime now;
  // Why nobody knows the environment.
  std::string unknown = "the environment is not built on this machine";
};

struct Decision {
  std::string recipe;
  bool run = false;
  std::string reason;        // "last red", "no new version since 1.1.0+1.25 of 2026-11-27"
  std::string version = {};  // the newest release; empty: there is none
  std::string tag = {};      // of it
  std::string commit = {};   // of it
  std::string base = {};     // the version to upgrade from first; empty: the newest older one
  std::string problem = {};  // the recipe cannot be fetched: a red verdict without a run

  bool operator==(const Decision&) const = default;
};

// Releases are annotated tags; the newest version counts, never a commit without a release.
Decision decide(const Candidate& candidate, const Rules& rules);

// Why an enrolled recipe has no release, if that is probably a mistake. Empty: it just has none.
std::string why_never_released(const Candidate& candidate);

}  // namespace ccci::sweep
