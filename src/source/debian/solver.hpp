// SPDX-License-Identifier: GPL-3.0-or-later
// Which versions of which packages satisfy a list of names, by libapt's solver over an empty
// system, staying with given versions where that can be.
#pragma once

#include <apt-pkg/cachefile.h>
#include <apt-pkg/depcache.h>
#include <apt-pkg/pkgcache.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ccci::source::debian {

// By name: the cache holds the native architecture and "all" only.
using Versions = std::map<std::string, pkgCache::VerIterator>;

// Why no answer was found: one sentence each, and the packages whose pin may be in the way.
struct Obstacle {
  std::string sentence;  // "git 1:2.39 depends on git-man (>= 3), of which there is 1:2.39"
  std::string root;      // the wanted package that led there
  std::vector<std::string> chain;  // from the root to the package that the sentence is about
  std::set<std::string> parties;
};

struct Task {
  std::set<std::string> roots;  // installed whatever it takes
  Versions fixed;               // no other version of these
  Versions kept;                // these versions while nothing is against it
};

struct Solution {
  Versions chosen;  // all that the roots need and nothing else; empty where there are obstacles
  std::vector<Obstacle> obstacles;
};

// The dependencies of a version that must hold, or-groups as one: each is called with the versions
// that satisfy it, in libapt's order, and the text of the group.
using Targets = std::vector<pkgCache::VerIterator>;
void each_dependency(const pkgCache::VerIterator& version,
                     const std::function<void(const Targets&, const std::string& text,
                                              const std::vector<std::string>& names)>& call);

// Of `targets`, the one that `chosen` holds; end() where it holds none. The first in libapt's order
// that is a real package of the name, else the alphabetically first.
pkgCache::VerIterator satisfier(const Targets& targets, const Versions& chosen);

// The same answer whatever the order in which things were asked.
Solution solve(pkgCacheFile& file, const Task& task);

}  // namespace ccci::source::debian
