// SPDX-License-Identifier: GPL-3.0-or-later
// cc-ci.lock as a value. The lock does not resolve: a source answers, make() records the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::lock {

struct Lock {
  int format = 1;
  std::string architecture;  // dpkg's name of it
  std::string asks;          // digest of what the declaration asks to be locked (fingerprint())
  std::vector<source::Release> releases;  // sorted
  std::vector<source::Package> packages;  // sorted by name; a name stands once

  bool operator==(const Lock&) const = default;

  const source::Package* find(std::string_view name) const;
  // The packages of a closure: "shared", or a host's name (shared included). Sorted by name.
  std::vector<source::Package> closure(std::string_view set) const;
};

// What the declaration asks of a lock: tools, python modules, package rules, source, hosts' extras;
// not what leaves the lock alone (variables, timers, comments, order). Hex digest.
std::string fingerprint(const declare::Declaration& declaration);

// The query that the declaration makes, with the earlier lock's versions to keep (if any).
source::Query query(const declare::Declaration& declaration, const Lock* earlier,
                    const std::vector<std::string>& update, bool update_all);

Lock make(const declare::Declaration& declaration, source::Answer answer,
          std::vector<source::Package> pinned_archives, std::string architecture);

inline constexpr std::size_t largest_lock = 64U << 20U;  // bytes

// Text form: line-based, sorted, one block a package, last line a digest of all before it.
std::string write(const Lock& lock);
// [lock.syntax], [lock.damaged] (its own digest does not match), [lock.newer-format], with place.
base::Result<Lock> read(std::string_view text, const std::string& file);

enum class Movement { added, removed, up, down, rebuilt };  // rebuilt: same version, other bytes

struct Change {
  Movement movement;
  std::string package;
  std::string before;  // version; empty where added
  std::string after;   // version; empty where removed
  std::vector<std::string> because;

  bool operator==(const Change&) const = default;
};

// Sorted by package. Versions compare as dpkg does.
std::vector<Change> changes(const Lock& before, const Lock& after);

// Chains from what was declared to the package: {"tool git", "git", "libcurl3-gnutls"}; the
// shortest first, at most `limit`.
std::vector<std::vector<std::string>> chains(const Lock& lock, std::string_view package,
                                             std::size_t limit = 5);

}  // namespace ccci::lock
