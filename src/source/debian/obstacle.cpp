// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/obstacle.hpp"

#include <apt-pkg/policy.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "base/text.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;
using DepIterator = pkgCache::DepIterator;

class Walk {
 public:
  Walk(pkgCacheFile& file, const Versions& pins) : file_(file), pins_(pins) {}

  std::vector<Obstacle> from(const std::set<std::string>& roots) {
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
    Obstacle obstacle = about(version);
    std::vector<std::string> there;
    for (const std::string& name : names) {
      const VerIterator other = candidate(name);
      if (!other.end()) there.push_back(name + " " + other.VerStr());
      obstacle.parties.insert(name);
    }
    // A pinned package that provides the name may have the wrong version.
    for (const VerIterator& target : targets) obstacle.parties.insert(target.ParentPkg().Name());
    obstacle.sentence =
        label(version) + " depends on " + text + ", " +
        (there.empty() ? "which the archive lacks" : "found " + base::join(there, ", "));
    found_.push_back(std::move(obstacle));
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
        Obstacle obstacle = about(version);
        obstacle.parties.insert(other.ParentPkg().Name());
        const bool breaks = dependency->Type == pkgCache::Dep::DpkgBreaks;
        obstacle.sentence =
            label(version) + (breaks ? " breaks " : " conflicts with ") + label(other);
        const Obstacle its = about(other);
        if (its.chain.size() > 1) {
          obstacle.sentence += " (wanted by " + base::join(its.chain, " -> ") + ")";
        }
        found_.push_back(std::move(obstacle));
      }
    }
  }

  static std::string label(const VerIterator& version) {
    return std::string(version.ParentPkg().Name()) + " " + version.VerStr();
  }

  Obstacle about(const VerIterator& version) {
    Obstacle obstacle;
    for (std::string name = version.ParentPkg().Name(); !name.empty(); name = came_from_[name]) {
      obstacle.chain.insert(obstacle.chain.begin(), name);
    }
    obstacle.root = obstacle.chain.front();
    obstacle.parties.insert(version.ParentPkg().Name());
    return obstacle;
  }

  pkgCacheFile& file_;
  const Versions& pins_;
  std::deque<std::string> queue_;
  std::map<std::string, std::string> came_from_;
  Versions taken_;
  std::vector<Obstacle> found_;
};

}  // namespace

std::vector<Obstacle> find_obstacles(pkgCacheFile& file, const std::set<std::string>& roots,
                                     const Versions& pins) {
  return Walk(file, pins).from(roots);
}

}  // namespace ccci::source::debian
