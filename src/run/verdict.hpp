// SPDX-License-Identifier: GPL-3.0-or-later
// What a run found out: one verdict for each tier, the level reached, and the verdict of the whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/remains.hpp"
#include "recipe/stack.hpp"

namespace ccci::run {

enum class Verdict {
  pass,
  fail,
  skip,        // it does not apply, with a reason
  unverified,  // it could not be shown, with a reason
};
std::string_view name(Verdict verdict);

// One tier of the run.
// The reason of a tier that --tiers leaves out. It says nothing of the app, so no level counts it.
inline constexpr std::string_view not_asked = "not asked for";

struct Rung {
  std::string name;
  Verdict verdict = Verdict::unverified;
  std::string reason = {};      // one line; empty only if it passed and nothing is to be said
  std::string last_words = {};  // of the service that failed; several lines
  std::chrono::milliseconds time{0};
  bool of_files = false;  // the verdict was read in the recipe's files: nothing ran for it

  bool operator==(const Rung&) const = default;
};

struct ReleaseNote {
  std::string version;  // or "next"
  std::string text;

  bool operator==(const ReleaseNote&) const = default;
};

// How the run as a whole ended.
enum class Ending { complete, deadline, stopped, failed };

struct Result {
  std::string recipe;
  std::string version;      // label of the tested version; may be empty
  std::string commit;       // empty: the recipe is in no repository
  bool dirty = false;       // its files differ from the commit
  bool release = false;     // the commit is that of the released version
  std::string environment;  // digest
  std::string domain;
  std::string started;  // RFC 3339
  Ending ending = Ending::complete;
  std::optional<base::Error> error;  // why it failed
  std::string problem;               // the same for people
  std::vector<Rung> rungs;           // in the order of the tiers
  std::vector<recipe::Deviation> deviations;
  std::vector<std::string> notes;             // findings that change no verdict
  std::map<std::string, std::string> images;  // name -> digest of what ran
  // The recipe's settings in the declaration: key -> digest; nothing: nobody asked for them.
  std::optional<std::map<std::string, std::string>> settings;
  std::vector<std::string> left;            // what the teardown left; empty: nothing
  std::map<std::string, std::string> logs;  // service -> its last lines, if a rung is red
  std::string engine;     // the declared engine, "unix://PATH"; empty: one of the run's own
  std::string promotion;  // why this green run did not become the canonical one; empty: nothing
  std::string kept;       // name of the run whose deployment stays; empty: none
  bool clean_teardown = false;
  bool no_secret_leak = true;
  std::string screenshot;                    // why there is none; empty: there is one
  std::optional<std::uint64_t> peak_memory;  // bytes, of the app's containers
  std::optional<std::uint64_t> peak_disk;    // bytes, the most after any tier
  std::vector<ReleaseNote> release_notes;    // what an upgrade to this version shows
  std::vector<std::string> dependencies;     // recipes that were deployed before
  std::chrono::milliseconds time{0};
  std::chrono::milliseconds engine_start{0};
  std::chrono::milliseconds serving{0};  // from the beginning to the first page
  std::chrono::milliseconds teardown{0};

  Rung& rung(std::string_view tier);
  const Rung* find(std::string_view tier) const;
};

// The time of day as RFC 3339.
std::string utc_now();

// What makes the whole worse than its rungs: something was left or leaked, the run did not end by
// itself. One line each.
std::vector<std::string> beside_rungs(const Result& result);

// fail if a rung failed, something was left or leaked, or the promotion failed; else unverified if
// a rung is; else pass.
Verdict verdict(const Result& result);
// Whether a second test of these files would be red too, whatever ran in it: what is red was read
// in them.
bool is_settled(const Result& result);
// 0 to 5: the highest step of the ladder below which each step passed or is skipped. The steps are
// install (with redeploy and remove), upgrade, backup (with restore), custom, lint.
int level(const Result& result);
// 0, 1, 3, 4, 142 or 143, as `cc-ci test` promises.
int exit_status(const Result& result);

}  // namespace ccci::run
