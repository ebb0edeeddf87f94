// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/solver.hpp"

#include <apt-pkg/algorithms.h>
#include <apt-pkg/error.h>
#include <apt-pkg/policy.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "source/debian/conflict.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;
using DepIterator = pkgCache::DepIterator;

bool positive(const DepIterator& dependency) {
  return dependency->Type == pkgCache::Dep::Depends ||
         dependency->Type == pkgCache::Dep::PreDepends;
}

// One run of libapt's solver with the given pinned versions as candidates.
class Attempt {
 public:
  Attempt(States& states, const Task& task, const Versions& pins)
      : cache_(states), task_(task), pins_(pins) {
    // Leave out packages that only another host has: its choice of alternatives must not count.
    for (const auto& [name, version] : pins) {
      if (task.roots.count(name) != 0 || task.kept.count(name) != 0) familiar_[name] = version;
    }
  }

  // Whether all roots will be installed in their candidate versions, and nothing is broken.
  bool run() {
    // Start with a fresh state, so that earlier attempts have no effect.
    cache_.reset();
    for (const auto& [name, version] : pins_) cache_.SetCandidateVersion(version);
    const bool good = mark();
    _error->Discard();  // errors about packages that libapt could not mark; conflicts are clearer
    return good;
  }

  // The marked packages that the roots need. The solver may have marked more: packages that a
  // rejected alternative had needed.
  Versions needed() {
    Versions installed;
    for (PkgIterator package = cache_.PkgBegin(); !package.end(); ++package) {
      if (cache_[package].Install()) {
        installed.emplace(package.Name(), cache_[package].InstVerIter(cache_));
      }
    }
    Versions reached;
    std::deque<std::string> queue(task_.roots.begin(), task_.roots.end());
    while (!queue.empty()) {
      const auto found = installed.find(queue.front());
      queue.pop_front();
      if (found == installed.end() || !reached.insert(*found).second) continue;
      each_dependency(found->second, [&](const Targets& targets, const auto&, const auto&) {
        const VerIterator target = satisfier(targets, installed);
        if (!target.end()) queue.emplace_back(target.ParentPkg().Name());
      });
    }
    return reached;
  }

 private:
  bool mark() {
    std::vector<PkgIterator> marked;
    {
      const pkgDepCache::ActionGroup group(cache_);
      pkgProblemResolver resolver(&cache_);
      std::deque<std::string> queue(task_.roots.begin(), task_.roots.end());
      std::set<std::string> seen;
      Versions standing;
      // First mark the requested and kept packages without libapt's automatic choice, so that an
      // or-group keeps its previous alternative.
      while (!queue.empty()) {
        const std::string name = queue.front();
        queue.pop_front();
        const PkgIterator package = cache_.FindPkg(name);
        if (package.end() || !seen.insert(name).second) continue;
        const VerIterator version = cache_[package].CandidateVerIter(cache_);
        if (version.end()) continue;
        if (task_.roots.count(name) != 0) {
          resolver.Clear(package);
          resolver.Protect(package);
        }
        cache_.MarkInstall(package, false, 0, true);
        marked.push_back(package);
        standing.emplace(name, version);
        each_dependency(version, [&](const Targets& targets, const auto&, const auto&) {
          if (!satisfier(targets, standing).end()) return;
          const VerIterator kept = satisfier(targets, familiar_);
          if (!kept.end()) queue.emplace_back(kept.ParentPkg().Name());
        });
      }
      for (const PkgIterator& package : marked) cache_.MarkInstall(package, true, 0, true);
      if (cache_.BrokenCount() > 0) resolver.Resolve(true);
    }
    if (cache_.BrokenCount() > 0) return false;
    return std::all_of(task_.roots.begin(), task_.roots.end(), [&](const std::string& name) {
      const PkgIterator package = cache_.FindPkg(name);
      if (package.end() || !cache_[package].Install()) return false;
      const auto pin = pins_.find(name);
      return pin == pins_.end() || cache_[package].InstVerIter(cache_) == pin->second;
    });
  }

  States& cache_;
  const Task& task_;
  const Versions& pins_;
  Versions familiar_;
};

// The pins that may prevent a solution: the packages named by conflicts whose pinned version is not
// the version that libapt would choose.
std::set<std::string> find_all_conflicts(pkgCacheFile& file, const std::vector<Conflict>& conflicts,
                                         const Versions& pins, const Versions& fixed) {
  std::set<std::string> found;
  for (const Conflict& conflict : conflicts) {
    for (const std::string& name : conflict.parties) {
      const auto pin = pins.find(name);
      if (pin == pins.end() || fixed.count(name) != 0) continue;
      if (file.GetPolicy()->GetCandidateVer(pin->second.ParentPkg()) != pin->second) {
        found.insert(name);
      }
    }
  }
  return found;
}

}  // namespace

namespace {

template <typename Chosen>
void each_group(const VerIterator& version, Chosen chosen,
                const std::function<void(const Targets&, const std::string&,
                                         const std::vector<std::string>&)>& call) {
  for (DepIterator dependency = version.DependsList(); !dependency.end();) {
    DepIterator start;
    DepIterator end;
    dependency.GlobOr(start, end);  // moves `dependency` past the group
    if (!chosen(start)) continue;
    Targets targets;
    std::string text;
    std::vector<std::string> names;
    for (;; ++start) {
      if (!text.empty()) text += " | ";
      text += start.TargetPkg().Name();
      names.emplace_back(start.TargetPkg().Name());
      if (start.TargetVer() != nullptr) {
        text += std::string(" (") + start.CompType() + " " + start.TargetVer() + ")";
      }
      const std::unique_ptr<pkgCache::Version*[]> all(start.AllTargets());
      for (pkgCache::Version** target = all.get(); *target != nullptr; ++target) {
        targets.emplace_back(*version.Cache(), *target);
      }
      if (start == end) break;
    }
    call(targets, text, names);
  }
}

}  // namespace

void each_dependency(const VerIterator& version,
                     const std::function<void(const Targets&, const std::string&,
                                              const std::vector<std::string>&)>& call) {
  each_group(version, positive, call);
}

void each_recommendation(const VerIterator& version,
                         const std::function<void(const Targets&, const std::string&,
                                                  const std::vector<std::string>&)>& call) {
  const auto recommends = [](const DepIterator& dependency) {
    return dependency->Type == pkgCache::Dep::Recommends;
  };
  each_group(version, recommends, call);
}

VerIterator satisfier(const Targets& targets, const Versions& chosen) {
  for (const VerIterator& target : targets) {
    const auto found = chosen.find(target.ParentPkg().Name());
    if (found != chosen.end() && found->second == target) return target;
  }
  return {};
}

Solution solve(pkgCacheFile& file, States& states, const Task& task) {
  Versions pins = task.kept;
  for (const auto& [name, version] : task.fixed) pins[name] = version;
  for (;;) {
    Attempt attempt(states, task, pins);
    if (attempt.run()) return {.chosen = attempt.needed(), .conflicts = {}};
    std::vector<Conflict> conflicts = find_conflicts(file, task.roots, pins);
    const std::set<std::string> released = find_all_conflicts(file, conflicts, pins, task.fixed);
    if (!released.empty()) {
      for (const std::string& name : released) pins.erase(name);
      continue;
    }
    // No specific pin can be released, but there is still an conflict: release all pins that are
    // not fixed.
    if (pins.size() > task.fixed.size()) {
      pins = task.fixed;
      continue;
    }
    return {.chosen = {}, .conflicts = std::move(conflicts)};
  }
}

}  // namespace ccci::source::debian
