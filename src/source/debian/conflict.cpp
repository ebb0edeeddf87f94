// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/conflict.hpp"

#include <apt-pkg/policy.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;
using DepIterator = pkgCache::DepIterator;

class Walk {
 public:
  Walk(pkgCacheFile& file, const Versions& pins) : file_(file), pins_(pins) {}

  std::vector<Conflict> from(const std::set<std::string>& roots) {
    for (const std::string& root : roots) came_from_.emplace(root, std::string());
    queue_.assign(roots.begin(), roots.end());
    while (!queue_.empty()) {
      const std::string name = queue_.front();
      queue_.pop_front();
      const VerIterator version = candidate(name);
      if (version.end() || !taken_.emplace(name, version).second) continue;
      each_dependency(version, [&](const Targets& targets, const std::string& text,
                                   const std::vector<std::string>& names) {
        follow(version, targets, text, names);
      });
    }
    for (const auto& [name, version] : taken_) exclusions(version);
    return std::move(found_);
  }

 private:
  VerIterator candidate(const std::string& name) {
    const auto pin = pins_.find(name);
    if (pin != pins_.end()) return pin->second;
    const PkgIterator package = file_.GetPkgCache()->FindPkg(name);
    return package.end() ? VerIterator() : file_.GetPolicy()->GetCandidateVer(package);
  }

  void follow(const VerIterator& version, const Targets& targets, const std::string& text,
              const std::vector<std::string>& names) {
    if (!satisfier(targets, taken_).end()) return;
    for (const VerIterator& target : targets) {
      const std::string name = target.ParentPkg().Name();
      if (candidate(name) != target) continue;
      came_from_.emplace(name, version.ParentPkg().Name());
      queue_.push_back(name);
      return;
    }
    Conflict conflict = about(version);
    std::vector<std::string> there;
    for (const std::string& name : names) {
      const VerIterator other = candidate(name);
      if (!other.end()) there.push_back(name + " " + other.VerStr());
      conflict.parties.insert(name);
    }
    // A pinned package that provides the name may have the wrong version.
    for (const VerIterator& target : targets) conflict.parties.insert(target.ParentPkg().Name());
    conflict.sentence =
        label(version) + " depends on " + text + ", " +
        (there.empty() ? "which the archive lacks" : "found " + base::join(there, ", "));
    found_.push_back(std::move(conflict));
  }

  void exclusions(const VerIterator& version) {
    for (DepIterator dependency = version.DependsList(); !dependency.end(); ++dependency) {
      if (!dependency.IsNegative() || dependency->Type == pkgCache::Dep::Obsoletes) continue;
      if (dependency->Type == pkgCache::Dep::Replaces) continue;
      const std::unique_ptr<pkgCache::Version*[]> all(dependency.AllTargets());
      for (pkgCache::Version** target = all.get(); *target != nullptr; ++target) {
        const VerIterator other(*version.Cache(), *target);
        const auto stands = taken_.find(other.ParentPkg().Name());
        if (stands == taken_.end() || stands->second != other ||
            other.ParentPkg() == version.ParentPkg()) {
          continue;
        }
        // Most packages that conflict say so of each other, and some with Breaks as well.
        if (!excluded_
                 .insert(std::minmax(std::string(version.ParentPkg().Name()),
                                     std::string(other.ParentPkg().Name())))
                 .second) {
          continue;
        }
        Conflict conflict = about(version);
        conflict.parties.insert(other.ParentPkg().Name());
        const bool breaks = dependency->Type == pkgCache::Dep::DpkgBreaks;
        conflict.sentence =
            label(version) + (breaks ? " breaks " : " conflicts with ") + label(other);
        const Conflict its = about(other);
        if (its.chain.size() > 1) {
          conflict.sentence += " (wanted by " + base::join(its.chain, " -> ") + ")";
        }
        found_.push_back(std::move(conflict));
      }
    }
  }

  static std::string label(const VerIterator& version) {
    return std::string(version.ParentPkg().Name()) + " " + version.VerStr();
  }

  Conflict about(const VerIterator& version) {
    Conflict conflict;
    for (std::string name = version.ParentPkg().Name(); !name.empty(); name = came_from_[name]) {
      conflict.chain.insert(conflict.chain.begin(), name);
    }
    conflict.root = conflict.chain.front();
    conflict.parties.insert(version.ParentPkg().Name());
    return conflict;
  }

  pkgCacheFile& file_;
  const Versions& pins_;
  std::deque<std::string> queue_;
  std::map<std::string, std::string> came_from_;
  Versions taken_;
  std::vector<Conflict> found_;
  std::set<std::pair<std::string, std::string>> excluded_;  // each pair once, sorted
};

}  // namespace

std::vector<Conflict> find_conflicts(pkgCacheFile& file, const std::set<std::string>& roots,
                                     const Versions& pins) {
  return Walk(file, pins).from(roots);
}

}  // namespace ccci::source::debian
