// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/bisect.hpp"

#include <array>
#include <utility>

namespace ccci::sweep {

namespace {

constexpr std::size_t runs_to_know = 400;
constexpr std::size_t commit_digits = 12;

constexpr std::array names{
    std::pair{Culprit::recipe, "recipe"},   std::pair{Culprit::environment, "environment"},
    std::pair{Culprit::both, "both"},       std::pair{Culprit::images, "images"},
    std::pair{Culprit::nothing, "nothing"}, std::pair{Culprit::unknown, "unknown"},
    std::pair{Culprit::gone, "gone"},
};

std::string shortened(const std::string& commit) { return commit.substr(0, commit_digits); }

std::string shown(const Revision& revision) {
  return revision.commit.empty() ? "the files as they are now" : shortened(revision.commit);
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

class Bisection {
 public:
  Bisection(const Suspects& suspects, const Try& attempt)
      : suspects_(suspects), attempt_(attempt) {}

  base::Result<Bisected> run() {
    const std::string& red_commit = suspects_.turn.red.commit;
    const std::string& green_commit = suspects_.turn.green.commit;
    const Revision present = suspects_.revisions.empty() ? Revision{} : suspects_.revisions.back();
    CCCI_TRY(const bool still_red, is_red(red_commit, present));
    if (!still_red) return ended(Culprit::gone);
    const bool recipe_moved = !suspects_.commits.empty();
    if (recipe_moved) {
      CCCI_TRY(const bool old_recipe_is_red, is_red(green_commit, present));
      if (!old_recipe_is_red) return search_commits(present);
    }
    if (suspects_.revisions.empty()) return ended(Culprit::unknown);
    if (suspects_.revisions.size() > 1) {
      const Revision& green = suspects_.revisions.front();
      CCCI_TRY(const bool old_environment_is_red, is_red(red_commit, green));
      if (!old_environment_is_red) return search_revisions(red_commit);
      if (recipe_moved) {
        CCCI_TRY(const bool old_both_are_red, is_red(green_commit, green));
        if (!old_both_are_red) return ended(Culprit::both);
      }
    }
    return ended(moved_images(suspects_.turn).empty() ? Culprit::nothing : Culprit::images);
  }

 private:
  base::Result<bool> is_red(const std::string& commit, const Revision& revision) {
    for (const Trial& trial : found_.trials) {
      if (trial.commit == commit && trial.revision == revision.commit)
        return trial.verdict == history::Verdict::fail;
    }
    CCCI_TRY(const history::Verdict verdict, attempt_(commit, revision));
    found_.trials.push_back({commit, revision.commit, verdict});
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

  base::Result<Bisected> search_commits(const Revision& present) {
    const auto& commits = suspects_.commits;
    CCCI_TRY(const std::size_t first,
             first_red(commits.size(), [&](std::size_t i) { return is_red(commits[i], present); }));
    found_.first_red = commits[first];
    found_.last_green = first == 0 ? suspects_.turn.green.commit : commits[first - 1];
    return ended(Culprit::recipe);
  }

  base::Result<Bisected> search_revisions(const std::string& commit) {
    const std::vector<Revision> after(suspects_.revisions.begin() + 1, suspects_.revisions.end());
    CCCI_TRY(const std::size_t first,
             first_red(after.size(), [&](std::size_t i) { return is_red(commit, after[i]); }));
    found_.first_red = after[first].since;
    found_.last_green = suspects_.revisions[first].commit;
    return ended(Culprit::environment);
  }

  const Suspects& suspects_;
  const Try& attempt_;
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
  if (red == nullptr || red->commit.empty()) return not_red("no red verdict with a commit");
  return base::unexpected(base::fail("sweep.never-green").with("recipe", recipe));
}

base::Result<Bisected> bisect(const Suspects& suspects, const Try& attempt) {
  return Bisection(suspects, attempt).run();
}

namespace {

std::vector<std::string> meaning_of(const Turn& turn, const Bisected& found) {
  switch (found.culprit) {
    case Culprit::recipe:
      return {"the recipe turned it: commit " + shortened(found.first_red) +
                  " is the first red one, " + shortened(found.last_green) + " is green",
              "git diff " + shortened(found.last_green) + " " + shortened(found.first_red)};
    case Culprit::environment: {
      const std::string last = found.first_red.empty() ? "" : " " + shortened(found.first_red);
      return {"the environment turned it: " + shown({found.first_red, {}}) +
                  " is the first red one, revision " + shortened(found.last_green) +
                  " of the declaration is green",
              "cc-ci diff " + shortened(found.last_green) + last};
    }
    case Culprit::both:
      return {
          "the recipe and the environment each turned it: it is green only with the old commit " +
          shortened(turn.green.commit) + " in the old environment"};
    case Culprit::images: {
      std::vector<std::string> lines{
          "neither the recipe nor the environment turned it. These images moved, and their old "
          "content is not kept; an older revision of cc-ci.toml makes those of [images] again:"};
      for (const std::string& image : moved_images(turn)) lines.push_back("  " + image);
      return lines;
    }
    case Culprit::nothing:
      return {
          "the recipe, the images and the environment of the green run are red too: something "
          "else moved: the settings of the recipe in the declaration, which are not tried, this "
          "machine, or the network"};
    case Culprit::unknown:
      return {
          "the recipe did not turn it. The environment of the green run cannot be made again: "
          "no revision of cc-ci.lock gives " +
          shortened(turn.green.environment)};
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
  for (std::string& line : meaning_of(turn, found)) lines.push_back(std::move(line));
  return lines;
}

base::Json to_json(const Suspects& suspects, const Bisected& found) {
  base::Json trials = base::Json::array();
  for (const Trial& trial : found.trials) {
    trials.push_back({{"commit", trial.commit},
                      {"revision", trial.revision},
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
