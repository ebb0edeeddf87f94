// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/verdict.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.hpp"
#include "declare/recipe.hpp"

namespace ccci::run {

namespace {

struct Step {
  std::array<std::string_view, 3> rungs;  // empty names are none
};

// A level is worth what the tests below it show, so an app that cannot be removed is no level 1.
constexpr std::array<Step, 5> ladder{Step{{"install", "redeploy", "remove"}}, Step{{"upgrade"}},
                                     Step{{"backup", "restore"}}, Step{{"custom"}}, Step{{"lint"}}};

bool good(Verdict verdict) { return verdict == Verdict::pass || verdict == Verdict::skip; }

// If the engine was lost, nobody could look at what is left in it.
bool left_something(const Result& result) {
  return !result.clean_teardown && result.ending != Ending::failed;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::skip:
      return "skip";
    case Verdict::unverified:
      break;
  }
  return "unverified";
}

Rung& Result::rung(std::string_view tier) {
  const auto found =
      std::find_if(rungs.begin(), rungs.end(), [&](const Rung& r) { return r.name == tier; });
  if (found != rungs.end()) return *found;
  rungs.push_back({.name = std::string(tier)});
  return rungs.back();
}

const Rung* Result::find(std::string_view tier) const {
  const auto found =
      std::find_if(rungs.begin(), rungs.end(), [&](const Rung& r) { return r.name == tier; });
  return found == rungs.end() ? nullptr : &*found;
}

std::vector<std::string> beside_rungs(const Result& result) {
  std::vector<std::string> all;
  if (!result.promotion.empty()) all.push_back(result.promotion);
  if (left_something(result))
    all.push_back("the teardown left something: " + base::join(result.left, ", "));
  if (!result.no_secret_leak) all.emplace_back("a secret is in the files of the result");
  switch (result.ending) {
    case Ending::deadline:
      all.emplace_back("the deadline of the run was over");
      break;
    case Ending::stopped:
      all.emplace_back("a signal stopped the run");
      break;
    case Ending::failed:
      all.push_back(result.problem.empty() ? "the engine or the machine failed" : result.problem);
      break;
    case Ending::complete:
      break;
  }
  return all;
}

Verdict verdict(const Result& result) {
  const auto any = [&](Verdict wanted) {
    return std::any_of(result.rungs.begin(), result.rungs.end(),
                       [&](const Rung& rung) { return rung.verdict == wanted; });
  };
  if (any(Verdict::fail) || left_something(result) || !result.no_secret_leak ||
      !result.promotion.empty())
    return Verdict::fail;
  if (any(Verdict::unverified) || result.ending != Ending::complete) return Verdict::unverified;
  return Verdict::pass;
}

bool is_settled(const Result& result) {
  if (verdict(result) != Verdict::fail || !beside_rungs(result).empty()) return false;
  return std::all_of(result.rungs.begin(), result.rungs.end(), [](const Rung& rung) {
    return rung.verdict != Verdict::fail || rung.of_files;
  });
}

int level(const Result& result) {
  int reached = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    bool passed = false;
    for (const std::string_view tier : ladder.at(i).rungs) {
      const Rung* const rung = tier.empty() ? nullptr : result.find(tier);
      if (rung == nullptr) continue;
      if (!good(rung->verdict) || rung->reason == not_asked) return reached;
      passed = passed || rung->verdict == Verdict::pass;
    }
    if (passed) reached = static_cast<int>(i) + 1;
  }
  return reached;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

int exit_status(const Result& result) {
  switch (result.ending) {
    case Ending::deadline:
      return 142;
    case Ending::stopped:
      return 143;
    case Ending::failed:
      return 3;
    case Ending::complete:
      break;
  }
  switch (verdict(result)) {
    case Verdict::fail:
      return 1;
    case Verdict::unverified:
      return 4;
    default:
      return 0;
  }
}

}  // namespace ccci::run
