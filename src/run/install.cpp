// SPDX-License-Identifier: GPL-3.0-or-later
// An app that is not deployed yet: with the recipes that it needs, and the hooks of the
// declaration.
#include "run/session.hpp"

namespace ccci::run {

base::Result<Outcome> Session::install(const Deployable& app) {
  CCCI_TRY(Outcome outcome, deploy_and_serve(app));
  if (outcome.verdict == Verdict::fail) return outcome;
  CCCI_TRY(Outcome after, hook(app, declare::HookPoint::after_install));
  return after.good() ? outcome : after;
}

base::Result<Outcome> Session::install_dependencies() {
  for (const Plan& other : plan_.dependencies) {
    const std::string what = "dependency " + other.recipe + ": ";
    const TierPlan& decided = other.tier("install");
    if (decided.decided == Verdict::unverified) return Outcome::unverified(what + decided.reason);
    watcher_.wait("dependency " + other.recipe);
    CCCI_TRY(Outcome outcome, install(other.head));
    if (outcome.verdict == Verdict::fail) {
      outcome.verdict = Verdict::unverified;
      outcome.reason = what + outcome.reason;
      return outcome;
    }
    installed_dependencies_.push_back(&other.head);
  }
  return Outcome{};
}

base::Result<Outcome> Session::hook(const Deployable& app, declare::HookPoint point) {
  for (const declare::RecipeHook& hook : app.hooks) {
    if (hook.point != point) continue;
    const std::string name =
        "hook " + declare::recipe_hook_points().at(static_cast<std::size_t>(point));
    return exec(app, hook.service, hook.run, name);
  }
  return Outcome{};
}

}  // namespace ccci::run
