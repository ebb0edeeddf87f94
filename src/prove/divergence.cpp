// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "prove/proofs.hpp"
#include "prove/vocabulary.hpp"

namespace ccci::prove {

namespace {

using environment::Exposed;
using List = std::vector<const Exposed*>;

const Exposed* in(const List& list, const std::string& tool) {
  for (const Exposed* exposed : list)
    if (exposed->tool == tool) return exposed;
  return nullptr;
}

using Names = std::unordered_set<std::string>;

// Without the commands that come from an extra tool of one of the two hosts: `less` takes `pager`
// from the essential packages, because it is an alternative of it.
Exposed besides(Exposed exposed, const Names& names) {
  std::erase_if(exposed.commands,
                [&](const auto& command) { return names.contains(command.name); });
  return exposed;
}

bool same(const List& a, const List& b, const Names& extra) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const Exposed* x, const Exposed* y) {
                      return x == y || *x == *y || besides(*x, extra) == besides(*y, extra);
                    });
}

// The names of commands that only one of the two has, or that are other programs.
std::vector<std::string> differing(const Exposed& a, const Exposed& b) {
  std::set<std::string> names;
  for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    for (const environment::Command& command : one->commands) {
      const bool there = std::any_of(other->commands.begin(), other->commands.end(),
                                     [&](const auto& same) { return same == command; });
      if (!there) names.insert(command.name);
    }
  }
  return {names.begin(), names.end()};
}

void compare(const std::string& host, const List& list, const std::string& first_host,
             const List& first, const Names& extra, Draft& draft) {
  if (same(list, first, extra)) return;
  const std::string who = "host '" + host + "': ";
  bool named = false;
  const auto says = [&](const std::string& line) {
    named = true;
    draft.fails(who + line);
  };
  for (const Exposed* other : first)
    if (in(list, other->tool) == nullptr)
      says("lacks '" + other->tool + "', which '" + first_host + "' has");
  for (const Exposed* mine : list) {
    const Exposed* other = in(first, mine->tool);
    if (other == nullptr) {
      says("has '" + mine->tool + "', which '" + first_host + "' lacks and no extra_tools names");
    } else if (mine->version != other->version) {
      says("'" + mine->tool + "' is " + mine->version + ", on '" + first_host + "' " +
           other->version);
    } else if (!(besides(*mine, extra) == besides(*other, extra))) {
      says("'" + mine->tool + "' exposes other commands than on '" + first_host +
           "': " + listed(differing(besides(*mine, extra), besides(*other, extra)), 10));
    }
  }
  if (!named)
    draft.fails(who + "the directories on PATH stand in another order than on '" + first_host +
                "'");
}

// What the host's PATH gained and lost compared with its baseline.
void against(const BaselineList& baseline, const HostView& host, const Vocabulary& vocabulary,
             const Reasons& waivers, Draft& draft, base::Json& facts) {
  std::unordered_set<std::string> had;
  std::vector<std::string> lost;
  std::unordered_set<std::string> commands;
  for (const Exposed& exposed : *host.exposed)
    for (const environment::Command& command : exposed.commands) commands.insert(command.name);
  for (const std::string& name : baseline.tools) {
    if (const auto meaning = vocabulary.of_host(host.host, name)) {
      had.insert(meaning->tool);
    } else if (commands.count(name) == 0) {
      lost.push_back(name + (waivers.count(name) != 0 ? " (waived)" : ""));
    }
  }
  std::vector<std::string> gained;
  std::vector<std::string> gained_commands;
  for (const Exposed& exposed : *host.exposed) {
    if (exposed.tool == "essential" || had.count(exposed.tool) != 0) continue;
    gained.push_back(exposed.tool);
    for (const environment::Command& command : exposed.commands)
      gained_commands.push_back(command.name);
  }
  draft.notes("host '" + host.host + "' gains " + listed(gained, 40) + " (" +
              base::counted(gained_commands.size(), "command") + ") over baseline '" +
              baseline.name + "'; loses " + listed(lost, 40));
  facts.push_back({{"host", host.host},
                   {"baseline", baseline.name},
                   {"gains", gained},
                   {"gained_commands", gained_commands},
                   {"loses", lost}});
}

}  // namespace

Proof divergence(const declare::Declaration& declaration, const std::vector<HostView>& hosts,
                 const std::vector<BaselineList>& baselines, const Reasons& waivers) {
  Draft draft("divergence");
  const Vocabulary vocabulary(declaration);
  std::unordered_map<std::string, std::vector<const BaselineList*>> fed;
  for (const BaselineList& baseline : baselines)
    if (!baseline.host.empty() && baseline.unavailable.empty())
      fed[baseline.host].push_back(&baseline);

  List first;
  std::string first_host;
  Names first_extra;  // commands of its extra tools
  std::unordered_set<std::string> looked_at;
  base::Json facts = base::Json::array();
  for (const HostView& host : hosts) {
    looked_at.insert(host.host);
    if (!host.unavailable.empty() || host.exposed == nullptr) {
      draft.lacks("host '" + host.host +
                  "': " + (host.unavailable.empty() ? "its PATH was not read" : host.unavailable));
      continue;
    }
    const std::vector<std::string> extras = vocabulary.extras(host.host);
    std::unordered_set<std::string> missing(extras.begin(), extras.end());
    List list;
    Names extra_commands = first_extra;
    for (const Exposed& exposed : *host.exposed) {
      const bool extra = std::find(extras.begin(), extras.end(), exposed.tool) != extras.end();
      if (!extra) list.push_back(&exposed);
      for (const environment::Command& command : exposed.commands) {
        if (extra) extra_commands.insert(command.name);
      }
      missing.erase(exposed.tool);
    }
    for (const std::string& tool : extras)
      if (missing.count(tool) != 0)
        draft.fails("host '" + host.host + "': lacks its declared extra tool '" + tool + "'");
    if (first_host.empty()) {
      first_host = host.host;
      first = list;
      first_extra = extra_commands;
      for (const declare::Name& tool : declaration.tools)
        if (in(list, tool.text) == nullptr)
          draft.fails("host '" + host.host + "': lacks the declared tool '" + tool.text + "'");
    } else {
      compare(host.host, list, first_host, first, extra_commands, draft);
    }
    for (const BaselineList* baseline : fed[host.host])
      against(*baseline, host, vocabulary, waivers, draft, facts);
  }
  for (const auto& [name, host] : declaration.hosts)
    if (looked_at.count(name) == 0) draft.lacks("host '" + name + "': not looked at");
  draft.fact("hosts", hosts.size());
  draft.fact("against_baselines", std::move(facts));
  if (hosts.empty() && declaration.hosts.empty())
    return std::move(draft).done("no host is declared");
  return std::move(draft).done(base::counted(hosts.size(), "host") +
                               (hosts.size() == 1 ? " shows" : " show") +
                               " the same list but for their declared extras");
}

}  // namespace ccci::prove
