// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.hpp"
#include "prove/proofs.hpp"

namespace ccci::prove {

namespace {

using Commands = std::map<std::string, std::string>;  // command to the tool that exposes it

Commands commands(const std::vector<environment::Exposed>& exposed) {
  Commands out;
  for (const environment::Exposed& tool : exposed)
    for (const environment::Command& command : tool.commands) out.emplace(command.name, tool.tool);
  return out;
}

std::vector<std::pair<std::string, std::string>> only_in(const Commands& here,
                                                         const Commands& there) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [command, tool] : here)
    if (there.count(command) == 0) out.emplace_back(command, tool);
  return out;
}

}  // namespace

Proof appeared(const Earlier& earlier, const std::vector<environment::Exposed>& now,
               const Reasons& waivers) {
  Draft draft("appeared");
  draft.fact("revision", earlier.revision);
  if (!earlier.unavailable.empty()) {
    draft.lacks(earlier.unavailable);
    return std::move(draft).done({});
  }
  if (earlier.none) return std::move(draft).done("there is no earlier lock to compare with");
  if (now.empty()) {
    draft.lacks("the shared environment is not built");
    return std::move(draft).done({});
  }
  const Commands before = commands(earlier.exposed);
  const Commands after = commands(now);
  const auto came = only_in(after, before);
  const auto went = only_in(before, after);
  base::Json appeared = base::Json::array();
  std::vector<std::string> names;
  for (const auto& [command, tool] : came) {
    names.push_back(command);
    appeared.push_back({{"command", command}, {"tool", tool}});
    draft.notes("+ " + command + " (" + tool + ")");
  }
  base::Json vanished = base::Json::array();
  std::size_t waived = 0;
  for (const auto& [command, tool] : went) {
    const auto by_name = waivers.find(command);
    const auto waiver = by_name != waivers.end() ? by_name : waivers.find(tool);
    vanished.push_back({{"command", command}, {"tool", tool}, {"waived", waiver != waivers.end()}});
    if (waiver == waivers.end()) {
      draft.fails("'" + command + "' (" + tool + ") was on PATH at " + earlier.revision +
                  " and is not now");
    } else {
      ++waived;
      draft.notes("- " + command + " (" + tool + "), waived: " + waiver->second);
    }
  }
  draft.fact("appeared", std::move(appeared));
  draft.fact("vanished", std::move(vanished));
  return std::move(draft).done("since " + earlier.revision + ": appeared " + listed(names) +
                               "; vanished " +
                               (waived == 0 ? "none" : std::to_string(waived) + ", all waived"));
}

}  // namespace ccci::prove
