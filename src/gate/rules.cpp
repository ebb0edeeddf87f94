// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/rules.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace ccci::gate {

namespace {

std::vector<std::string> gates_before(const Phase& phase, std::string_view gate) {
  std::vector<std::string> names;
  for (const Gate& one : phase.gates) {
    if (one.name == gate) break;
    names.push_back(one.name);
  }
  return names;
}

std::string shown(const base::Json& list) {
  std::vector<std::string> names;
  for (const base::Json& name : list) names.push_back(name.text_or_empty());
  return names.empty() ? "none" : base::join(names, ", ");
}

}  // namespace

base::Json rules(const Phase& phase, std::string_view gate, const Trust& trust) {
  std::map<std::string, const Party*> parties;
  for (const Party& party : trust.parties()) parties[party.key.id()] = &party;
  base::Json keys = base::Json::object();
  for (const auto& [id, party] : parties) {
    base::Json may = base::Json::array();
    if (party->may_claim) may.push_back("claim");
    if (party->may_verify) may.push_back("verify");
    keys[id] = {{"name", party->name}, {"may", std::move(may)}};
  }
  return {{"fresh_for", format_span(phase.fresh_for)},
          {"after", gates_before(phase, gate)},
          {"keys", std::move(keys)}};
}

std::string changed_rules(const base::Json& claimed, const Phase& phase, std::string_view gate,
                          const Trust& trust) {
  if (!claimed.is_object()) return "its claim does not sign the rules of the phase: claim it again";
  const std::string fresh = format_span(phase.fresh_for);
  if (claimed["fresh_for"] != base::Json(fresh)) {
    return "fresh_for was " + claimed["fresh_for"].text_or_empty() + " in the claim, now it is " +
           fresh;
  }
  const base::Json before = base::Json(gates_before(phase, gate));
  if (claimed["after"] != before) {
    return "the gates before it were " + shown(claimed["after"]) + " in the claim, now they are " +
           shown(before);
  }
  // Otherwise a claimant could take the right from the key that said FAIL or laid a veto.
  for (const auto& [id, key] : claimed["keys"].items()) {
    const Party* party = trust.find(id);
    if (!could_verify(claimed, id) || (party != nullptr && party->may_verify)) continue;
    return "the key of " + (party != nullptr ? party->name : key["name"].text_or_empty()) +
           " could verify when it was claimed, now it may not: claim it again";
  }
  return {};
}

bool could_verify(const base::Json& claimed, std::string_view key_id) {
  for (const base::Json& may : claimed["keys"][key_id]["may"]) {
    if (may == base::Json("verify")) return true;
  }
  return false;
}

std::vector<std::string> later_verifiers(const base::Json& claimed, const Trust& trust) {
  std::vector<std::string> names;
  if (!claimed.is_object()) return names;
  for (const Party& party : trust.parties()) {
    if (party.may_verify && !could_verify(claimed, party.key.id())) names.push_back(party.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ccci::gate
