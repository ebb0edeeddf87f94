// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/not_begun.hpp"

#include "declare/recipe.hpp"

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
      rung.reason = "not asked for";
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
    rung.reason = std::move(reason);
    rung.last_words = std::move(words);
    break;
  }
  return result;
}

Result not_begun(const Intent& intent, const base::Error& error) {
  Result result = begun_result(intent, "the test could not begin");
  result.ending = Ending::failed;
  result.error = error;
  return result;
}

}  // namespace ccci::run
