// SPDX-License-Identifier: GPL-3.0-or-later
// Which versions of Debian's packages may be used: the declared suites and versions, and nothing
// from suites like backports that nobody asked for it.
#pragma once

#include <apt-pkg/cachefile.h>
#include <apt-pkg/policy.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/result.hpp"
#include "source/debian/solver.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

struct Preferences {
  std::map<std::string, Choice> choices;  // only those of Debian count
  // Suites with NotAutomatic supply only what is asked of them, and what only they have for it.
  // Otherwise apt's pinning alone decides: such a suite also supplies what no other suite has.
  bool strict = false;
};

using SuitesOf = std::function<std::set<std::string>(const pkgCache::VerIterator&)>;

// libapt's policy, with versions that it may not choose. The priorities of libapt's own policy do
// not suffice: they cannot tell equal versions of two archives apart.
class Policy final : public pkgPolicy {
 public:
  // Gives the cache this policy. The cache then owns it. It must not have another one.
  static Policy& give(pkgCacheFile& file);

  pkgCache::VerIterator GetCandidateVer(const pkgCache::PkgIterator& package) override;

  // Makes the version the only one of its package that may be chosen.
  void choose_only(const pkgCache::VerIterator& version);
  // Lets no version of the package be chosen.
  void hide(const pkgCache::PkgIterator& package);
  // Lets this version not be chosen, unless it is the only one that may be.
  void hide(const pkgCache::VerIterator& version);

 private:
  explicit Policy(pkgCache* cache) : pkgPolicy(cache) {}

  std::map<unsigned long, pkgCache::VerIterator> only_;  // by the id of the package
  std::set<unsigned long> hidden_;                       // ids of versions
};

// Tells the policy what may be chosen, and drops the pins that are not allowed any more.
// [source.no-version], [source.not-in-suite]
base::Result<void> apply(const Preferences& preferences, pkgCacheFile& file, Policy& policy,
                         Versions& pins, const SuitesOf& suites_of);

}  // namespace ccci::source::debian
