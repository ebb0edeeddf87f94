// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_set>

#include "base/text.hpp"
#include "prove/consumers.hpp"
#include "prove/proofs.hpp"

namespace ccci::prove {

namespace {

using Groups = std::map<std::string, std::vector<std::string>>;  // digest to its consumers

// The value with the most consumers comes first.
std::vector<const Groups::value_type*> by_size(const Groups& groups) {
  std::vector<const Groups::value_type*> out;
  for (const auto& group : groups) out.push_back(&group);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return a->second.size() > b->second.size();
  });
  return out;
}

void one_of_each(const std::string& what, const Groups& groups, Draft& draft) {
  const auto sorted = by_size(groups);
  for (std::size_t i = 1; i < sorted.size(); ++i)
    draft.fails(listed(sorted[i]->second, 3) + ": " + what + " " + sorted[i]->first.substr(0, 12) +
                ", where " + base::counted(sorted[0]->second.size(), "other consumer") + " " +
                (sorted[0]->second.size() == 1 ? "has " : "have ") +
                sorted[0]->first.substr(0, 12));
}

}  // namespace

Proof parity(const declare::Declaration& declaration, const std::vector<Consumer>& consumers) {
  Draft draft("parity");
  std::map<std::string, Groups> entrypoints;  // by the name of the executed entrypoint
  Groups environments;
  std::unordered_set<std::string> hosts;
  for (const Consumer& consumer : consumers) {
    const std::string who = where(consumer.host, consumer.name);
    if (!consumer.unavailable.empty()) {
      draft.lacks(who + ": " + consumer.unavailable);
      continue;
    }
    if (consumer.digest.empty() || consumer.environment.empty()) {
      draft.lacks(who + ": what it executes was not read");
      continue;
    }
    hosts.insert(consumer.host);
    entrypoints[consumer.executes][consumer.digest].push_back(who);
    environments[consumer.environment].push_back(who);
  }
  base::Json facts = base::Json::object();
  std::vector<std::string> shown;
  for (const auto& [name, groups] : entrypoints) {
    one_of_each(name, groups, draft);
    base::Json digests = base::Json::object();
    for (const auto& [digest, who] : groups) digests[digest] = who.size();
    facts[name] = std::move(digests);
    const auto* most = by_size(groups).front();
    shown.push_back(name + " " + most->first.substr(0, 12));
    draft.notes(name + " " + most->first + ": " + listed(most->second, 12));
  }
  // Two entrypoints may put different words before a command, but must run it in the same
  // environment.
  one_of_each("environment", environments, draft);
  const std::vector<std::string> missing = unseen(declaration, seen(consumers));
  if (!missing.empty()) draft.lacks("not looked at: " + listed(missing, 4));
  draft.fact("entrypoints", std::move(facts));
  draft.fact("consumers", consumers.size());
  if (consumers.empty() && missing.empty()) draft.lacks("there is no consumer to look at");
  return std::move(draft).done(
      base::counted(consumers.size(), "consumer") + " on " + base::counted(hosts.size(), "host") +
      (consumers.size() == 1 ? " executes one " : " execute one ") + listed(shown));
}

}  // namespace ccci::prove
