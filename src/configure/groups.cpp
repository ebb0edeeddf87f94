// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/groups.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"
#include "configure/coverage.hpp"
#include "environment/alternatives.hpp"
#include "environment/covered_commands.hpp"

namespace ccci::configure {

namespace {

using environment::Part;

// Increase it whenever the way in which scripts are run or their results are kept changes.
constexpr int version = 7;

struct Triggers {
  std::vector<std::string> interests;
  std::vector<std::string> activates;
};

bool is_covered(std::string_view trigger) {
  const auto& rows = environment::covered_triggers();
  return std::any_of(rows.begin(), rows.end(), [&](const environment::CoveredTrigger& row) {
    if (!row.name.ends_with('*')) return trigger == row.name;
    return trigger.starts_with(row.name.substr(0, row.name.size() - 1));
  });
}

// The file `triggers` of deb-triggers(5): "interest-noawait /usr/share/x", "activate-noawait NAME".
Triggers read_triggers(const Part& part) {
  Triggers triggers;
  const auto file = part.control.find("triggers");
  if (file == part.control.end()) return triggers;
  for (std::string_view line : base::split(file->second, '\n')) {
    line = base::trim(line.substr(0, line.find('#')));
    const std::size_t space = line.find_first_of(" \t");
    if (space == std::string_view::npos) continue;
    const std::string name(base::trim(line.substr(space)));
    if (line.starts_with("interest") && !is_covered(name)) triggers.interests.push_back(name);
    if (line.starts_with("activate")) triggers.activates.push_back(name);
  }
  return triggers;
}

struct Package {
  bool runs = false;
  bool preinst = false;
  bool makes_accounts = false;
  std::string because;
  Triggers triggers;
  std::vector<std::string> asks;  // paths
};

class Grouper {
 public:
  explicit Grouper(const std::vector<Part>& parts) : parts_(parts), packages_(parts.size()) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].generated) index_.emplace(parts[i].package.name, i);
    }
    read_paths();
    for (std::size_t i = 0; i < parts.size(); ++i) read(i);
  }

  std::vector<Group> run() {
    std::vector<std::size_t> essential;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].package.essential) essential.push_back(i);
    }
    essential_ = closure(essential);
    std::vector<Group> all{group_of(running(essential_), {})};
    for (const Component& one : components()) all.push_back(group_of(one.runs, one.extra));
    return all;
  }

 private:
  void read_paths() {
    for (const Part& part : parts_) {
      const auto at = static_cast<std::size_t>(&part - parts_.data());
      for (const store::Entry& entry : part.manifest.entries) owners_.emplace(entry.path, at);
    }
  }

  void read(std::size_t at) {
    const Part& part = parts_[at];
    if (part.generated || part.package.origin != source::Origin::debian) return;
    Package& package = packages_[at];
    package.triggers = read_triggers(part);
    const auto exists = [this](const std::string& path) { return owners_.contains(path); };
    const auto judge = [&](const char* name) -> std::optional<Coverage> {
      const auto script = part.control.find(name);
      if (script == part.control.end()) return std::nullopt;
      return coverage(script->second, exists);
    };
    if (const auto postinst = judge("postinst")) {
      package.runs = !postinst->covered;
      package.because = postinst->because;
      package.asks = postinst->asks;
      package.makes_accounts = postinst->makes_accounts;
      for (const std::string& name : postinst->activates)
        package.triggers.activates.push_back(name);
    }
    // Diversions are obeyed in composing, and dpkg-divert would refuse to make them again.
    if (const auto preinst = judge("preinst"); preinst && !preinst->covered) {
      package.preinst = part.control.at("preinst").find("dpkg-divert") == std::string::npos;
      package.runs = package.runs || package.preinst;
      if (package.because.empty()) package.because = preinst->because;
      package.asks.insert(package.asks.end(), preinst->asks.begin(), preinst->asks.end());
    }
  }

  std::set<std::size_t> closure(const std::vector<std::size_t>& from) const {
    std::set<std::size_t> all(from.begin(), from.end());
    std::vector<std::size_t> open(from.begin(), from.end());
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      for (const std::string& name : parts_[at].package.depends) {
        const auto next = index_.find(name);
        if (next != index_.end() && all.insert(next->second).second) open.push_back(next->second);
      }
    }
    return all;
  }

  std::vector<std::size_t> running(const std::set<std::size_t>& within) const {
    std::vector<std::size_t> found;
    for (const std::size_t at : within) {
      if (packages_[at].runs) found.push_back(at);
    }
    return found;
  }

  bool has_path_below(std::size_t at, const std::string& directory) const {
    const auto& entries = parts_[at].manifest.entries;
    const auto first = std::lower_bound(
        entries.begin(), entries.end(), directory,
        [](const store::Entry& entry, const std::string& path) { return entry.path < path; });
    return first != entries.end() && first->path.starts_with(directory) &&
           (first->path.size() == directory.size() || first->path[directory.size()] == '/');
  }

  // The path in the root to which a link of a package leads. Empty if it leads out of the root.
  static std::string target_of(const store::Entry& link) {
    if (link.target.starts_with('/')) return environment::merged_path(link.target);
    std::string path = "/" + link.path.substr(0, link.path.rfind('/'));
    for (const std::string_view part : base::split(link.target, '/')) {
      if (part == "..") {
        if (path.empty()) return {};
        path.erase(path.rfind('/'));
      } else if (!part.empty() && part != ".") {
        path.append("/").append(part);
      }
    }
    return environment::merged_path(path);
  }

  // Whether the package gives a program of one of `others` another name: gcc is a link to gcc-12.
  bool names_a_program_of(std::size_t at, const std::set<std::size_t>& others) const {
    const auto& entries = parts_[at].manifest.entries;
    return std::any_of(entries.begin(), entries.end(), [&](const store::Entry& entry) {
      if (entry.type != store::Entry::Type::link || !entry.path.starts_with("usr/bin/"))
        return false;
      const auto owner = owners_.find(target_of(entry));
      return owner != owners_.end() && owner->second != at && others.contains(owner->second);
    });
  }

  // The packages that activate a trigger of `at`: by a file below its directory, or by its name;
  // and those that give their programs other names, because the script may ask for these (ccache's
  // makes a link for gcc, and the trigger is activated by files of gcc-12).
  std::set<std::size_t> activators(std::size_t at) const {
    std::set<std::size_t> found;
    for (const std::string& interest : packages_[at].triggers.interests) {
      const std::string directory = environment::merged_path(interest);
      for (std::size_t other = 0; other < parts_.size(); ++other) {
        const auto& names = packages_[other].triggers.activates;
        const bool named = std::find(names.begin(), names.end(), interest) != names.end();
        if (named || (!directory.empty() && has_path_below(other, directory))) found.insert(other);
      }
    }
    std::set<std::size_t> all = found;
    for (std::size_t other = 0; !found.empty() && other < parts_.size(); ++other) {
      if (!parts_[other].generated && names_a_program_of(other, found)) all.insert(other);
    }
    return all;
  }

  // The packages with files that the scripts of `at` look for, although it does not depend on them:
  // PHP's module for Apache enables itself if it finds a file of apache2.
  std::set<std::size_t> asked(std::size_t at, const std::set<std::size_t>& known) const {
    std::set<std::size_t> found;
    for (const std::string& path : packages_[at].asks) {
      const auto owner = owners_.find(path);
      if (owner == owners_.end() || essential_.contains(owner->second)) continue;
      const bool has = std::any_of(known.begin(), known.end(), [&](std::size_t one) {
        return parts_[one].manifest.find(path) != nullptr;
      });
      if (!has) found.insert(owner->second);
    }
    return found;
  }

  struct Component {
    std::vector<std::size_t> runs;
    // No rule misses what their scripts do, but scripts of `runs` may need their accounts.
    std::set<std::size_t> accounts;
    // Activate a trigger or have a file that a script looks for, but no script of theirs is run.
    std::set<std::size_t> extra;
  };

  // Packages are connected if one depends on the other, if one activates a trigger of the other, or
  // if the scripts of one look for a file of the other.
  std::vector<Component> components() {
    std::vector<std::size_t> leader(parts_.size());
    std::iota(leader.begin(), leader.end(), 0U);
    const auto find = [&](std::size_t at) {
      while (leader[at] != at) at = leader[at] = leader[leader[at]];
      return at;
    };
    std::map<std::size_t, std::set<std::size_t>> extra;
    std::map<std::size_t, std::set<std::size_t>> accounts;
    for (std::size_t at = 0; at < parts_.size(); ++at) {
      if (!packages_[at].runs || essential_.contains(at)) continue;
      std::set<std::size_t> connected = closure({at});
      std::set<std::size_t> others = activators(at);
      others.merge(asked(at, connected));
      for (const std::size_t other : others) {
        extra[at].insert(other);
        connected.merge(closure({other}));
      }
      for (const std::size_t other : connected) {
        if (packages_[other].makes_accounts && !packages_[other].runs) accounts[at].insert(other);
        if (packages_[other].runs && !essential_.contains(other)) leader[find(other)] = find(at);
      }
    }
    std::map<std::size_t, Component> by_leader;
    for (std::size_t at = 0; at < parts_.size(); ++at) {
      if (!packages_[at].runs || essential_.contains(at)) continue;
      Component& component = by_leader[find(at)];
      component.runs.push_back(at);
      component.extra.merge(extra[at]);
      component.accounts.merge(accounts[at]);
    }
    std::vector<Component> all;
    for (auto& [at, component] : by_leader) {
      std::vector<std::size_t>& runs = component.runs;
      runs.insert(runs.end(), component.accounts.begin(), component.accounts.end());
      std::sort(runs.begin(), runs.end());
      all.push_back(std::move(component));
    }
    return all;
  }

  Group group_of(const std::vector<std::size_t>& runs, const std::set<std::size_t>& extra) const {
    Group group;
    if (runs.empty()) return group;
    std::vector<std::size_t> from(runs);
    from.insert(from.end(), extra.begin(), extra.end());
    std::set<std::size_t> members = closure(from);
    members.insert(essential_.begin(), essential_.end());
    group.members.assign(members.begin(), members.end());
    group.base.assign(essential_.begin(), essential_.end());
    environment::DpkgPending& pending = group.pending;
    for (const std::size_t at : runs) {
      const std::string& name = parts_[at].package.name;
      group.runs.push_back(name);
      group.because.emplace(name, packages_[at].runs ? packages_[at].because : "accounts");
      pending.unpacked.insert(name);
      if (packages_[at].preinst) group.preinsts.push_back(name);
      for (const std::string& interest : packages_[at].triggers.interests) {
        auto& kind = interest.starts_with('/') ? pending.files : pending.named;
        kind[interest].insert(name);
      }
    }
    for (const std::size_t at : members) {
      for (const std::string& name : packages_[at].triggers.activates) {
        if (pending.named.contains(name)) pending.activated.insert(name);
      }
      for (const auto& [path, packages] : pending.files) {
        if (has_path_below(at, environment::merged_path(path))) pending.activated.insert(path);
      }
    }
    std::sort(group.runs.begin(), group.runs.end());
    std::sort(group.preinsts.begin(), group.preinsts.end());
    return group;
  }

  const std::vector<Part>& parts_;
  std::vector<Package> packages_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::string, std::size_t> owners_;  // of each path, the first package with it
  std::set<std::size_t> essential_;
};

}  // namespace

std::vector<Group> groups(const std::vector<Part>& parts) { return Grouper(parts).run(); }

store::Address address_of(const Group& group, const std::vector<Part>& parts,
                          const store::Address* before) {
  std::string text = "configured " + std::to_string(version) + "\n";
  if (before != nullptr) text += "before " + before->hash + "\n";
  for (const std::string& name : group.runs) text += "run " + name + "\n";
  std::vector<std::string> members;
  for (const std::size_t at : group.members) {
    const source::Package& package = parts[at].package;
    members.push_back("with " + package.name + " " + package.version + " " + package.sha256 + "\n");
  }
  std::sort(members.begin(), members.end());
  for (const std::string& member : members) text += member;
  const std::string label = group.runs.empty() ? "nothing" : group.runs.front();
  return store::address(store::Kind::configuration, label, text);
}

}  // namespace ccci::configure
