// SPDX-License-Identifier: GPL-3.0-or-later
// Finds by running what turned a recipe red: the recipe, the environment, its settings in the
// declaration, or several of them. Each trial is a run of one commit of the recipe in the
// environment of one revision of the declaration, with the settings of one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "declare/recipe_settings.hpp"
#include "history/history.hpp"

namespace ccci::sweep {

// The last green verdict of a recipe, and the first red one after it.
struct Turn {
  history::Record green;
  history::Record red;
  std::string reason_now = {};  // of the last run, if it is another one
};
// [sweep.never-green], [sweep.not-red] if the last verdict is none of fail and flaky, or there is
// none
base::Result<Turn> find_turn(const history::History& history, const std::string& recipe);

// One state of the declaration and its lock, told from others by a digest: that of the environment,
// or setting_text().
struct Revision {
  std::string commit;  // the newest with this digest; empty: the files as they are now
  std::string digest;
  std::string since = {};  // the oldest commit with it; empty: it is not committed

  bool operator==(const Revision&) const = default;
};

struct Suspects {
  Turn turn;
  // The commits of the recipe after the green one, the oldest first; the last is the red one. Empty
  // if the recipe did not move.
  std::vector<std::string> commits = {};
  // The revision whose environment was the green one, and those after it, the oldest first; the
  // last is the present one. One element: the environment did not move. Empty: the green one cannot
  // be made any more.
  std::vector<Revision> revisions = {};
  // The same for the settings of the recipe. One element: they did not change, or those of the
  // green run are not known.
  std::vector<Revision> settings = {};
  std::string file = {};  // the declaration
};

// Settings as one text.
std::string setting_text(const declare::SettingDigests& settings);

struct Trial {
  std::string commit;         // of the recipe
  std::string revision;       // of the declaration, for the environment; empty: as it is now
  std::string settings = {};  // the same for the settings
  history::Verdict verdict = history::Verdict::unverified;

  bool operator==(const Trial&) const = default;
};

enum class Culprit {
  recipe,       // `first_red` is its commit
  environment,  // `first_red` is the revision of the declaration; empty: not committed yet
  settings,     // the same for the recipe's settings
  both,         // two or all three of them: each alone is enough
  images,       // none of them, and images moved: by elimination
  nothing,      // nothing that is recorded moved
  unknown,      // the green environment or settings cannot be had any more, and the rest is not the
                // cause
  gone,         // the red run is green now
};
std::string_view name(Culprit culprit);

struct Bisected {
  Culprit culprit = Culprit::nothing;
  std::string first_red = {};
  std::string last_green = {};  // the commit or revision before it
  std::vector<Trial> trials = {};
};

// What one trial runs.
struct State {
  std::string commit;
  Revision environment;
  Revision settings;
};
// Runs one trial; the verdict is stored nowhere.
using Try = std::function<base::Result<history::Verdict>(const State& state)>;

// A trial counts as red if its verdict is `fail`. The number of trials is logarithmic.
base::Result<Bisected> bisect(const Suspects& suspects, const Try& attempt);

// What it means, for people: first between which runs. Ends with the command that shows the change,
// if there is one.
std::vector<std::string> explain(const Suspects& suspects, const Bisected& found);
base::Json to_json(const Suspects& suspects, const Bisected& found);

}  // namespace ccci::sweep
