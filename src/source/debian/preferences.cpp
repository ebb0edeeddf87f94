// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/preferences.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "source/debian/relation.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;

// Whether the version is only in suites that supply nothing by themselves. A kept file is in none.
bool waits_to_be_asked(const VerIterator& version) {
  auto file = version.FileList();
  if (file.end()) return false;
  for (; !file.end(); ++file) {
    if (!file.File().Flagged(pkgCache::Flag::NotAutomatic)) return false;
  }
  return true;
}

class Preferring {
 public:
  Preferring(const Preferences& preferences, pkgCacheFile& file, Policy& policy, Versions& pins,
             const SuitesOf& suites_of)
      : preferences_(preferences),
        file_(file),
        policy_(policy),
        pins_(pins),
        suites_of_(suites_of) {}

  base::Result<void> run() {
    if (preferences_.strict) hide_unasked();
    std::vector<base::Error> errors;
    std::vector<VerIterator> chosen;
    for (const auto& [name, choice] : preferences_.choices) {
      if (!choice.source.empty()) continue;
      const PkgIterator package = file_.GetPkgCache()->FindPkg(name);
      if (package.end() || package.VersionList().end()) continue;  // reported by its wanted name
      const VerIterator version = pick(package, choice);
      if (version.end()) {
        errors.push_back(no_version(package, choice));
        continue;
      }
      take(version);
      chosen.push_back(version);
    }
    if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
    for (const VerIterator& version : chosen) follow(version);
    if (preferences_.strict) drop_unasked_pins();
    return {};
  }

 private:
  // The pinned version if it fits. Else of the declared suite the newest version, and of any suite
  // the one that apt prefers.
  VerIterator pick(const PkgIterator& package, const Choice& choice) {
    const auto pin = pins_.find(package.Name());
    VerIterator best;
    int best_priority = 0;
    for (VerIterator version = package.VersionList(); !version.end(); ++version) {
      if (!fits(choice.version, version.VerStr())) continue;
      if (!choice.suite.empty() && !suites_of_(version).contains(choice.suite)) continue;
      if (pin != pins_.end() && pin->second == version) return version;
      const int priority = choice.suite.empty() ? policy_.GetPriority(version) : 0;
      // libapt lists the newest version first.
      if (!best.end() && priority <= best_priority) continue;
      best = version;
      best_priority = priority;
    }
    return best;
  }

  base::Error no_version(const PkgIterator& package, const Choice& choice) {
    std::vector<std::string> there;
    bool in_suite = choice.suite.empty();
    for (VerIterator version = package.VersionList(); !version.end(); ++version) {
      const std::set<std::string> suites = suites_of_(version);
      in_suite = in_suite || suites.contains(choice.suite);
      const std::vector<std::string> names(suites.begin(), suites.end());
      there.push_back(std::string(version.VerStr()) + " (" + base::join(names, ", ") + ")");
    }
    base::Error error =
        base::fail(in_suite ? "source.no-version" : "source.not-in-suite")
            .with("package", package.Name())
            .with("suite", choice.suite)
            .with("version", choice.version.empty() ? "*" : choice.version)
            .with("source", choice.suite.empty() || !in_suite ? "debian" : choice.suite)
            .with("found", base::join(there, ", "));
    if (!in_suite) error = std::move(error).with("suite", choice.suite);
    if (!choice.at.file.empty()) error.where.push_back(choice.at);
    return error;
  }

  void take(const VerIterator& version) {
    const std::string name = version.ParentPkg().Name();
    policy_.choose_only(version);
    taken_.insert(name);
    const auto pin = pins_.find(name);
    if (pin != pins_.end() && pin->second != version) pins_.erase(pin);
  }

  VerIterator usable(const std::string& name) {
    const auto pin = pins_.find(name);
    if (pin != pins_.end() && !is_unasked(pin->second)) return pin->second;
    const PkgIterator package = file_.GetPkgCache()->FindPkg(name);
    return package.end() ? VerIterator() : policy_.GetCandidateVer(package);
  }

  // A package of backports may need others in the versions of backports, as `apt-get install
  // NAME/SUITE` takes them.
  void follow(const VerIterator& version) {
    const std::set<std::string> suites = suites_of_(version);
    each_dependency(version, [&](const Targets& targets, const auto&, const auto&) {
      const bool met = std::any_of(targets.begin(), targets.end(), [&](const VerIterator& target) {
        return usable(target.ParentPkg().Name()) == target;
      });
      if (met) return;
      for (const VerIterator& target : targets) {
        const std::set<std::string> its = suites_of_(target);
        const bool same_suite = std::any_of(its.begin(), its.end(), [&](const std::string& suite) {
          return suites.contains(suite);
        });
        if (!same_suite || taken_.contains(target.ParentPkg().Name())) continue;
        take(target);
        follow(target);
        return;
      }
    });
  }

  void hide_unasked() {
    pkgCache& cache = *file_.GetPkgCache();
    for (PkgIterator package = cache.PkgBegin(); !package.end(); ++package) {
      for (VerIterator version = package.VersionList(); !version.end(); ++version) {
        if (!waits_to_be_asked(version)) continue;
        policy_.hide(version);
        const std::set<std::string> suites = suites_of_(version);
        unasked_suites_.insert(suites.begin(), suites.end());
      }
    }
  }

  // A kept file belongs to the suite that the earlier lock names.
  bool is_unasked(const VerIterator& version) {
    if (!preferences_.strict || taken_.contains(version.ParentPkg().Name())) return false;
    const std::set<std::string> suites = suites_of_(version);
    return !suites.empty() &&
           std::all_of(suites.begin(), suites.end(),
                       [&](const std::string& suite) { return unasked_suites_.contains(suite); });
  }

  void drop_unasked_pins() {
    std::erase_if(pins_, [&](const auto& pin) { return is_unasked(pin.second); });
  }

  const Preferences& preferences_;
  pkgCacheFile& file_;
  Policy& policy_;
  Versions& pins_;
  const SuitesOf& suites_of_;
  std::set<std::string> taken_;
  std::set<std::string> unasked_suites_;
};

}  // namespace

Policy& Policy::give(pkgCacheFile& file) {
  auto* policy = new Policy(file.GetPkgCache());  // the cache deletes it
  policy->InitDefaults();
  file.Policy = policy;
  return *policy;
}

VerIterator Policy::GetCandidateVer(const PkgIterator& package) {
  const auto only = only_.find(package->ID);
  if (only != only_.end()) return only->second;
  if (hidden_.empty()) return pkgPolicy::GetCandidateVer(package);
  VerIterator best;
  int best_priority = -1;
  for (VerIterator version = package.VersionList(); !version.end(); ++version) {
    const int priority = GetPriority(version);
    if (hidden_.contains(version->ID) || priority == 0 || priority <= best_priority) continue;
    best = version;
    best_priority = priority;
  }
  return best;
}

void Policy::choose_only(const VerIterator& version) { only_[version.ParentPkg()->ID] = version; }

void Policy::hide(const PkgIterator& package) { only_[package->ID] = VerIterator(); }

void Policy::hide(const VerIterator& version) { hidden_.insert(version->ID); }

base::Result<void> apply(const Preferences& preferences, pkgCacheFile& file, Policy& policy,
                         Versions& pins, const SuitesOf& suites_of) {
  return Preferring(preferences, file, policy, pins, suites_of).run();
}

}  // namespace ccci::source::debian
