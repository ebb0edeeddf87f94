// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/not_begun.hpp"

#include <algorithm>

#include "declare/recipe.hpp"
#include "run/plan.hpp"

namespace ccci::run {

namespace {

// All tiers, unverified if they were to run.
Result begun_result(const Intent& intent, const std::string& reason) {
  Result result;
  result.recipe = intent.source.name;
  result.commit = intent.commit;
  result.started = utc_now();
  result.clean_teardown = true;  // nothing was started
  result.screenshot = "the app was not installed";
  for (const std::string& name : declare::recipe_tiers()) {
    Rung& rung = result.rung(name);
    const auto skipped = intent.source.settings.skip.find(name);
    if (skipped != intent.source.settings.skip.end()) {
      rung.verdict = Verdict::skip;
      rung.reason = skipped->second;
    } else if (!intent.only.empty() && !intent.only.contains(name)) {
      rung.verdict = Verdict::skip;
      rung.reason = not_asked;
    } else {
      rung.reason = reason;
    }
  }
  return result;
}

}  // namespace

Result unreadable_recipe(const Intent& intent, std::string reason, std::string words) {
  Result result = begun_result(intent, "the recipe cannot be read");
  for (Rung& rung : result.rungs) {
    if (rung.verdict != Verdict::unverified) continue;
    rung.verdict = Verdict::fail;
    rung.of_files = true;
    rung.reason = std::move(reason);
    rung.last_words = std::move(words);
    break;
  }
  return result;
}

std::vector<std::string> missing_values(const base::Error& error) {
  std::vector<std::string> names;
  const auto take = [&](const base::Error& one) {
    if (one.code != "recipe.required") return false;
    std::string name(one.field("variable"));
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
    return true;
  };
  if (!take(error) || !std::all_of(error.also.begin(), error.also.end(), take)) return {};
  return names;
}

Result values_missing(const Intent& intent, const std::vector<std::string>& variables) {
  return begun_result(intent, no_value_for(variables, intent.source.name));
}

Result not_begun(const Intent& intent, const base::Error& error) {
  Result result = begun_result(intent, "the test could not begin");
  result.ending = Ending::failed;
  result.error = error;
  return result;
}

}  // namespace ccci::run
