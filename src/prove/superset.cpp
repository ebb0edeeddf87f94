// SPDX-License-Identifier: GPL-3.0-or-later
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "prove/aliases.hpp"
#include "prove/proofs.hpp"
#include "prove/vocabulary.hpp"

namespace ccci::prove {

namespace {

using Names = std::unordered_set<std::string>;

class Cover {
 public:
  Cover(const declare::Declaration& declaration, const Reasons& waivers,
        const std::vector<environment::Exposed>* exposed)
      : vocabulary_(declaration), waivers_(waivers), built_(exposed != nullptr) {
    for (const declare::Name& package : declaration.library_packages)
      libraries_.insert(package.text);
    for (const declare::Name& browser : declaration.browsers) libraries_.insert(browser.text);
    if (exposed == nullptr) return;
    for (const environment::Exposed& tool : *exposed)
      for (const environment::Command& command : tool.commands)
        commands_.emplace(command.name, tool.tool);
  }

  void judge(const BaselineList& baseline, Draft& draft) {
    if (!baseline.unavailable.empty()) {
      draft.lacks("baseline '" + baseline.name + "': " + baseline.unavailable);
      return;
    }
    Names covered;
    std::vector<std::string> dropped;
    std::vector<std::string> waived;
    for (const std::string& name : baseline.tools) {
      if (covers(baseline, name, covered)) {
        ++names_;
        covered_.insert(canonical_tool(name));
      } else if (waivers_.count(name) != 0) {
        waived.push_back(name);
        waived_in_[name].push_back(baseline.name);
      } else if (built_) {
        dropped.push_back(name);
        draft.fails("baseline '" + baseline.name + "': '" + name + "' is dropped" +
                    cited(baseline));
      } else {
        draft.lacks("baseline '" + baseline.name + "': '" + name +
                    "' is not declared; whether a tool exposes such a command is known once the "
                    "environment is built");
      }
    }
    const std::vector<std::string> additions = beyond(baseline.host, covered);
    if (baseline.host.empty()) union_.insert(covered.begin(), covered.end());
    any_consumer_ = any_consumer_ || baseline.host.empty();
    draft.notes("baseline '" + baseline.name + "'" + cited(baseline) + ": " +
                std::to_string(baseline.tools.size() - dropped.size() - waived.size()) + " of " +
                base::counted(baseline.tools.size(), "name") +
                " covered; additions: " + listed(additions, 40));
    facts_.push_back({{"name", baseline.name},
                      {"from", baseline.from},
                      {"host", baseline.host},
                      {"names", baseline.tools},
                      {"dropped", dropped},
                      {"waived", waived},
                      {"additions", additions}});
  }

  void waivers(const std::vector<BaselineList>& baselines, Draft& draft) {
    Names listed_names;
    for (const BaselineList& baseline : baselines)
      listed_names.insert(baseline.tools.begin(), baseline.tools.end());
    base::Json shown = base::Json::array();
    for (const auto& [name, reason] : waivers_) {
      const auto used = waived_in_.find(name);
      std::string stale;
      if (used == waived_in_.end())
        stale = covered_.count(canonical_tool(name)) != 0 || vocabulary_.any(name)
                    ? "the environment has it"
                : listed_names.count(name) == 0 ? "no baseline names it"
                                                : "";
      if (!stale.empty()) {
        draft.notes("waiver '" + name + "' is stale: " + stale + "; remove it");
      } else {
        draft.notes("waived: '" + name + "': " + reason +
                    (used == waived_in_.end() ? "" : " (" + base::join(used->second, ", ") + ")"));
      }
      shown.push_back({{"name", name}, {"reason", reason}, {"stale", !stale.empty()}});
    }
    draft.fact("waivers", std::move(shown));
  }

  Proof done(std::size_t baselines, Draft draft) {
    std::vector<std::string> additions;
    if (any_consumer_) additions = beyond({}, union_);
    draft.fact("baselines", std::move(facts_));
    draft.fact("additions", additions);
    if (baselines == 0) return std::move(draft).done("no baseline is declared");
    std::string evidence = base::counted(baselines, "baseline") + " covered, nothing dropped";
    if (!waived_in_.empty()) {
      std::vector<std::string> names;
      for (const auto& [name, in] : waived_in_) names.push_back(name);
      evidence += " but waived " + listed(names);
    }
    if (any_consumer_) evidence += "; additions: " + listed(additions);
    return std::move(draft).done(std::move(evidence));
  }

 private:
  static std::string cited(const BaselineList& baseline) {
    return baseline.from.empty() ? "" : " (" + baseline.from + ")";
  }

  // A module and a tool may have the same name.
  static std::string key(const Meaning& meaning) {
    return (meaning.module ? "m:" : "t:") + meaning.tool;
  }

  bool covers(const BaselineList& baseline, const std::string& name, Names& covered) const {
    const auto meaning =
        baseline.host.empty() ? vocabulary_.shared(name) : vocabulary_.of_host(baseline.host, name);
    if (meaning) {
      covered.insert(key(*meaning));
      return true;
    }
    // A list of packages, as a Dockerfile has it, also names libraries and daemons.
    if (libraries_.count(name) != 0) return true;
    const auto command = commands_.find(name);
    if (command == commands_.end()) return false;
    covered.insert("t:" + command->second);
    return true;
  }

  // The declared names that were not in the list.
  std::vector<std::string> beyond(const std::string& host, const Names& covered) const {
    std::vector<std::string> out;
    for (const std::string& name : vocabulary_.names())
      if (covered.count("t:" + name) == 0 && covered.count("m:" + name) == 0) out.push_back(name);
    if (!host.empty())
      for (const std::string& name : vocabulary_.extras(host))
        if (covered.count("t:" + name) == 0) out.push_back(name);
    return out;
  }

  Vocabulary vocabulary_;
  const Reasons& waivers_;
  bool built_;
  std::unordered_map<std::string, std::string> commands_;  // command to the tool that exposes it
  std::size_t names_ = 0;
  Names libraries_;  // [runtime] packages
  Names covered_;    // names of baselines that the environment has, in canonical form
  Names union_;      // all names that the consumers' baselines cover
  bool any_consumer_ = false;
  std::map<std::string, std::vector<std::string>> waived_in_;
  base::Json facts_ = base::Json::array();
};

}  // namespace

Proof superset(const declare::Declaration& declaration, const std::vector<BaselineList>& baselines,
               const Reasons& waivers, const std::vector<environment::Exposed>* exposed) {
  Draft draft("superset");
  Cover cover(declaration, waivers, exposed);
  for (const BaselineList& baseline : baselines) cover.judge(baseline, draft);
  cover.waivers(baselines, draft);
  return cover.done(baselines.size(), std::move(draft));
}

BaselineList baseline_list(const declare::Declaration& declaration,
                           const declare::Baseline& baseline) {
  BaselineList out;
  out.name = baseline.name.text;
  for (const declare::Name& tool : baseline.tools) out.tools.push_back(tool.text);
  std::string host = out.name;
  if (host.starts_with("host-") || host.starts_with("host ")) host.erase(0, 5);
  if (declaration.hosts.count(out.name) != 0) {
    out.host = out.name;
  } else if (declaration.hosts.count(host) != 0) {
    out.host = host;
  }
  return out;
}

base::Result<Revision> parse_from(std::string_view from) {
  const auto bad = [&](std::string_view found) {
    return base::unexpected(base::fail("prove.from").with("from", from).with("found", found));
  };
  const std::size_t at = from.rfind('@');
  if (at == std::string_view::npos) return bad("no '@'");
  const std::string_view path = from.substr(0, at);
  const std::string_view revision = from.substr(at + 1);
  if (path.empty()) return bad("no path");
  if (revision.empty()) return bad("no revision");
  // Both are passed to git as arguments. So neither may be an option, leave the repository, or end
  // early.
  if (path.front() == '/' || path.front() == '-' || path.front() == ':')
    return bad("a path that is not one of the repository");
  for (const std::string_view part : base::split(path, '/'))
    if (part.empty() || part == "." || part == "..") return bad("'.', '..' or '//' in the path");
  if (revision.front() == '-') return bad("a revision that begins with '-'");
  for (const char c : from)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\')
      return bad("a blank, a backslash or a control character");
  if (revision.find_first_of(":?*[") != std::string_view::npos)
    return bad("a revision with one of : ? * [");
  return Revision{std::string(path), std::string(revision)};
}

}  // namespace ccci::prove
