// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "prove/consumers.hpp"
#include "prove/proofs.hpp"
#include "prove/vocabulary.hpp"

namespace ccci::prove {

namespace {

bool has(const PlannedConsumer& consumer, const std::string& tool) {
  return consumer.tools != nullptr &&
         std::find(consumer.tools->begin(), consumer.tools->end(), tool) != consumer.tools->end();
}

// Whether `after` is `before` plus the tool, with no other change.
bool only_adds(const PlannedConsumer& before, const PlannedConsumer& after,
               const std::string& tool) {
  if (before.tools == nullptr || after.tools == nullptr) return false;
  std::vector<std::string> rest;
  std::copy_if(after.tools->begin(), after.tools->end(), std::back_inserter(rest),
               [&](const std::string& name) { return name != tool; });
  return rest == *before.tools;
}

}  // namespace

Proof propagation(const declare::Declaration& declaration, const Trial& trial) {
  Draft draft("propagation");
  draft.fact("tool", trial.tool);
  draft.fact("package", trial.package);
  draft.fact("version", trial.version);
  if (!trial.unavailable.empty()) {
    draft.lacks(trial.unavailable);
    return std::move(draft).done({});
  }
  if (trial.tool.empty() || trial.version.empty())
    draft.lacks(trial.tool.empty() ? "no tool was chosen to add"
                                   : "no source has a package for '" + trial.tool + "'");
  if (Vocabulary(declaration).any(trial.tool))
    draft.lacks("'" + trial.tool + "' is declared already, so that adding it shows nothing");

  std::unordered_map<std::string, const PlannedConsumer*> before;
  for (const PlannedConsumer& consumer : trial.before) {
    before.emplace(consumer.host + '\0' + consumer.name, &consumer);
    if (has(consumer, trial.tool))
      draft.fails(where(consumer.host, consumer.name) + ": shows '" + trial.tool +
                  "' before it is declared");
  }
  for (const PlannedConsumer& consumer : trial.after) {
    const std::string who = where(consumer.host, consumer.name);
    const auto earlier = before.find(consumer.host + '\0' + consumer.name);
    if (!has(consumer, trial.tool)) {
      draft.fails(who + ": does not get '" + trial.tool + "'");
    } else if (earlier == before.end()) {
      draft.lacks(who + ": was not planned without '" + trial.tool + "'");
    } else if (!only_adds(*earlier->second, consumer, trial.tool)) {
      draft.fails(who + ": adding '" + trial.tool + "' changes more than that");
    }
  }
  const std::vector<std::string> missing = unseen(declaration, seen(trial.after));
  if (!missing.empty()) draft.lacks("not planned: " + listed(missing, 4));
  if (trial.after.empty() && missing.empty()) draft.lacks("there is no consumer to plan for");
  draft.fact("consumers", trial.after.size());
  return std::move(draft).done("'" + trial.tool + "' (package " + trial.package + " " +
                               trial.version + "), planned once, reaches all " +
                               base::counted(trial.after.size(), "consumer"));
}

}  // namespace ccci::prove
