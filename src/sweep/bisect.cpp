// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/bisect.hpp"

#include <array>
#include <filesystem>
#include <utility>

#include "base/shell.hpp"
#include "base/text.hpp"

namespace ccci::sweep {

namespace {

constexpr std::size_t runs_to_know = 400;
constexpr std::size_t commit_digits = 12;

constexpr std::array names{
    std::pair{Culprit::recipe, "recipe"},     std::pair{Culprit::environment, "environment"},
    std::pair{Culprit::settings, "settings"}, std::pair{Culprit::both, "both"},
    std::pair{Culprit::images, "images"},     std::pair{Culprit::nothing, "nothing"},
    std::pair{Culprit::unknown, "unknown"},   std::pair{Culprit::gone, "gone"},
};

std::string shortened(const std::string& commit) { return commit.substr(0, commit_digits); }

std::string shown(const std::string& revision) {
  return revision.empty() ? "the declaration as it is now" : shortened(revision);
}

// The images whose digest differs, and those that only one of both knows.
std::vector<std::string> moved_images(const Turn& turn) {
  std::vector<std::string> moved;
  for (const auto& [image, digest] : turn.red.images) {
    const auto before = turn.green.images.find(image);
    if (before == turn.green.images.end() || before->second != digest) moved.push_back(image);
  }
  return moved;
}

Revision present(const std::vector<Revision>& revisions) {
  return revisions.empty() ? Revision{} : revisions.back();
}

class Bisection {
 public:
  Bisection(const Suspects& suspects, const Try& attempt)
      : suspects_(suspects),
        attempt_(attempt),
        red_{suspects.turn.red.commit, present(suspects.revisions), present(suspects.settings)} {}

  base::Result<Bisected> run() {
    CCCI_TRY(const bool still_red, is_red(red_));
    if (!still_red) return ended(Culprit::gone);
    State old = red_;  // each suspect as it was in the green run
    int moved = 0;
    if (!suspects_.commits.empty()) {
      ++moved;
      old.commit = suspects_.turn.green.commit;
      CCCI_TRY(const bool red, is_red({old.commit, red_.environment, red_.settings}));
      if (!red) return search_commits();
    }
    if (suspects_.revisions.size() > 1) {
      ++moved;
      old.environment = suspects_.revisions.front();
      CCCI_TRY(const bool red, is_red({red_.commit, old.environment, red_.settings}));
      if (!red) return search_environments();
    }
    if (suspects_.settings.size() > 1) {
      ++moved;
      old.settings = suspects_.settings.front();
      CCCI_TRY(const bool red, is_red({red_.commit, red_.environment, old.settings}));
      if (!red) return search_settings();
    }
    if (moved > 1) {
      CCCI_TRY(const bool red, is_red(old));
      if (!red) return ended(Culprit::both);
    }
    if (suspects_.revisions.empty() || suspects_.settings.empty()) return ended(Culprit::unknown);
    return ended(moved_images(suspects_.turn).empty() ? Culprit::nothing : Culprit::images);
  }

 private:
  base::Result<bool> is_red(const State& state) {
    for (const Trial& trial : found_.trials) {
      if (trial.commit == state.commit && trial.revision == state.environment.commit &&
          trial.settings == state.settings.commit)
        return trial.verdict == history::Verdict::fail;
    }
    CCCI_TRY(const history::Verdict verdict, attempt_(state));
    found_.trials.push_back(
        {state.commit, state.environment.commit, state.settings.commit, verdict});
    return verdict == history::Verdict::fail;
  }

  Bisected ended(Culprit culprit) {
    found_.culprit = culprit;
    return std::move(found_);
  }

  // Before the first element is green, the last one is red.
  base::Result<std::size_t> first_red(std::size_t count,
                                      const std::function<base::Result<bool>(std::size_t)>& red) {
    std::size_t low = 0;
    std::size_t high = count - 1;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      CCCI_TRY(const bool is, red(middle));
      if (is) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  base::Result<Bisected> search_commits() {
    const auto& commits = suspects_.commits;
    CCCI_TRY(const std::size_t first, first_red(commits.size(), [&](std::size_t i) {
               return is_red({commits[i], red_.environment, red_.settings});
             }));
    found_.first_red = commits[first];
    found_.last_green = first == 0 ? suspects_.turn.green.commit : commits[first - 1];
    return ended(Culprit::recipe);
  }

  base::Result<Bisected> search_environments() {
    CCCI_CHECK(search_revisions(suspects_.revisions, [&](const Revision& revision) {
      return is_red({red_.commit, revision, red_.settings});
    }));
    return ended(Culprit::environment);
  }

  base::Result<Bisected> search_settings() {
    CCCI_CHECK(search_revisions(suspects_.settings, [&](const Revision& revision) {
      return is_red({red_.commit, red_.environment, revision});
    }));
    return ended(Culprit::settings);
  }

  // The first of `revisions` is green.
  base::Result<void> search_revisions(
      const std::vector<Revision>& revisions,
      const std::function<base::Result<bool>(const Revision&)>& red) {
    CCCI_TRY(const std::size_t first,
             first_red(revisions.size() - 1, [&](std::size_t i) { return red(revisions[i + 1]); }));
    found_.first_red = revisions[first + 1].since;
    found_.last_green = revisions[first].commit;
    return {};
  }

  const Suspects& suspects_;
  const Try& attempt_;
  const State red_;
  Bisected found_;
};

}  // namespace

std::string_view name(Culprit culprit) {
  for (const auto& [value, text] : names)
    if (value == culprit) return text;
  return "unknown";
}

base::Result<Turn> find_turn(const history::History& history, const std::string& recipe) {
  CCCI_TRY(const std::vector<history::Record> runs, history.of_recipe(recipe, runs_to_know));
  const auto not_red = [&](const char* found) {
    return base::unexpected(
        base::fail("sweep.not-red").with("recipe", recipe).with("found", found));
  };
  if (runs.empty()) return not_red("no verdict");
  if (runs.front().verdict == history::Verdict::pass)
    return not_red("that its last verdict is pass");
  const history::Record* red = nullptr;
  for (const history::Record& run : runs) {
    if (run.verdict == history::Verdict::fail || run.verdict == history::Verdict::flaky) red = &run;
    // A run that could not be begun has no commit: it says nothing about the recipe.
    if (run.verdict != history::Verdict::pass || run.commit.empty()) continue;
    if (red == nullptr || red->commit.empty()) break;
    const history::Record& last = runs.front();
    return Turn{run, *red, last.reason == red->reason ? std::string() : last.reason};
  }
  if (runs.front().verdict == history::Verdict::unverified)
    return not_red("that its last verdict is unverified");
  if (red == nullptr || red->commit.empty()) return not_red("no red verdict with a commit");
  return base::unexpected(base::fail("sweep.never-green").with("recipe", recipe));
}

std::string setting_text(const declare::SettingDigests& settings) {
  return base::Json(settings).dump();
}

base::Result<Bisected> bisect(const Suspects& suspects, const Try& attempt) {
  return Bisection(suspects, attempt).run();
}

namespace {

// "git -C /srv/ci diff A B -- cc-ci.toml"
std::string diff_of(const std::string& file, const Bisected& found) {
  const std::filesystem::path path(file);
  std::vector<std::string> words{"git", "-C", path.parent_path().native(), "diff",
                                 shortened(found.last_green)};
  if (!found.first_red.empty()) words.push_back(shortened(found.first_red));
  words.insert(words.end(), {"--", path.filename().native()});
  return base::shell_line(words);
}

// "the recipe, the environment": those that moved.
std::string those_moved(const Suspects& suspects) {
  std::vector<std::string> all;
  if (!suspects.commits.empty()) all.emplace_back("the recipe");
  if (suspects.revisions.size() > 1) all.emplace_back("the environment");
  if (suspects.settings.size() > 1) all.emplace_back("its settings");
  return base::join(all, ", ");
}

std::string why_unknown(const Suspects& suspects) {
  if (suspects.revisions.empty())
    return "The environment of the green run cannot be made again: no revision of cc-ci.lock "
           "gives " +
           shortened(suspects.turn.green.environment);
  return "The settings of the green run cannot be had again: no committed revision of the "
         "declaration has them";
}

std::vector<std::string> meaning_of(const Suspects& suspects, const Bisected& found) {
  const Turn& turn = suspects.turn;
  switch (found.culprit) {
    case Culprit::recipe:
      return {"the recipe turned it: commit " + shortened(found.first_red) +
                  " is the first red one, " + shortened(found.last_green) + " is green",
              "git diff " + shortened(found.last_green) + " " + shortened(found.first_red)};
    case Culprit::environment: {
      const std::string last = found.first_red.empty() ? "" : " " + shortened(found.first_red);
      return {"the environment turned it: " + shown(found.first_red) +
                  " is the first red one, revision " + shortened(found.last_green) +
                  " of the declaration is green",
              "cc-ci diff " + shortened(found.last_green) + last};
    }
    case Culprit::settings:
      return {"its settings in the declaration turned it: " + shown(found.first_red) +
                  " is the first red one, revision " + shortened(found.last_green) +
                  " of the declaration is green",
              diff_of(suspects.file, found)};
    case Culprit::both:
      return {"each of these turned it: " + those_moved(suspects) +
              ". It is green only with all of them as they were; the old commit of the recipe is " +
              shortened(turn.green.commit)};
    case Culprit::images: {
      std::vector<std::string> lines{
          "neither the recipe nor the environment turned it, nor its settings. These images moved, "
          "and their old content is not kept; an older revision of cc-ci.toml makes those of "
          "[images] again:"};
      for (const std::string& image : moved_images(turn)) lines.push_back("  " + image);
      return lines;
    }
    case Culprit::nothing:
      return {std::string("what is known of the green run is red too: the recipe, the images, the "
                          "environment") +
              (turn.green.settings ? " and the settings. Something else moved: "
                                   : ". Something else moved: the settings of the recipe in the "
                                     "declaration, which the green run did not record, ") +
              "this machine, or the network"};
    case Culprit::unknown:
      return {"nothing that could be tried turned it. " + why_unknown(suspects)};
    case Culprit::gone:
      return {"it is not red any more"};
  }
  return {};
}

std::string called(const history::Record& record) {
  const std::string version = record.version.empty() ? shortened(record.commit) : record.version;
  return version + " of night " + record.night;
}

}  // namespace

std::vector<std::string> explain(const Suspects& suspects, const Bisected& found) {
  const Turn& turn = suspects.turn;
  std::vector<std::string> lines{called(turn.green) + " is green, " + called(turn.red) +
                                 " is red: " + turn.red.reason};
  if (!turn.reason_now.empty())
    lines.push_back("the last run is red for another reason: " + turn.reason_now);
  for (std::string& line : meaning_of(suspects, found)) lines.push_back(std::move(line));
  return lines;
}

base::Json to_json(const Suspects& suspects, const Bisected& found) {
  base::Json trials = base::Json::array();
  for (const Trial& trial : found.trials) {
    trials.push_back({{"commit", trial.commit},
                      {"revision", trial.revision},
                      {"settings", trial.settings},
                      {"verdict", history::name(trial.verdict)}});
  }
  return {{"schema", 1},
          {"recipe", suspects.turn.red.recipe},
          {"green", history::to_json(suspects.turn.green)},
          {"red", history::to_json(suspects.turn.red)},
          {"culprit", name(found.culprit)},
          {"first_red", found.first_red},
          {"last_green", found.last_green},
          {"trials", std::move(trials)},
          {"explanation", explain(suspects, found)}};
}

}  // namespace ccci::sweep
