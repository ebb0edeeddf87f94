// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the package versions that satisfy a list of names. It uses libapt's solver on an empty
// system, and keeps given versions if possible.
#pragma once

#include <apt-pkg/cachefile.h>
#include <apt-pkg/pkgcache.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "source/debian/states.hpp"

namespace ccci::source::debian {

// By name only: the cache contains only the native architecture and "all".
using Versions = std::map<std::string, pkgCache::VerIterator>;

// One reason why no solution was found, and the packages whose pinned version may cause it.
struct Conflict {
  std::string sentence;  // "git 1:2.39 depends on git-man (>= 3), of which there is 1:2.39"
  std::string root;      // the wanted package whose dependencies led there
  std::vector<std::string> chain;  // from the root to the package that the sentence is about
  std::set<std::string> parties;
};

struct Task {
  std::set<std::string> roots;  // must be installed
  Versions fixed;               // no other version of these packages is allowed
  Versions kept;                // these versions are preferred, if nothing conflicts with them
};

struct Solution {
  Versions chosen;  // exactly what the roots need; empty if there are conflicts
  std::vector<Conflict> conflicts;
};

// Calls `call` for each mandatory dependency of a version; an or-group counts as one dependency.
// `call` gets the versions that satisfy it, in libapt's order, the text of the group, and the names
// in it.
using Targets = std::vector<pkgCache::VerIterator>;
void each_dependency(const pkgCache::VerIterator& version,
                     const std::function<void(const Targets&, const std::string& text,
                                              const std::vector<std::string>& names)>& call);

// The same for the groups of Recommends.
void each_recommendation(const pkgCache::VerIterator& version,
                         const std::function<void(const Targets&, const std::string& text,
                                                  const std::vector<std::string>& names)>& call);

// The version in `targets` that is also in `chosen`, or end(). If there are several: the first in
// libapt's order that is a real package of the name, otherwise the alphabetically first.
pkgCache::VerIterator satisfier(const Targets& targets, const Versions& chosen);

// The result does not depend on the order in which packages were requested, nor on what was solved
// with `states` before. `states` are of `file`.
Solution solve(pkgCacheFile& file, States& states, const Task& task);

}  // namespace ccci::source::debian
