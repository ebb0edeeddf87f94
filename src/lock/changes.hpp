// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between two locks, and why a package is in one.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lock/lock.hpp"

namespace ccci::lock {

enum class Movement { added, removed, up, down, rebuilt };  // rebuilt: same version, new content

struct Change {
  Movement movement;
  std::string package;
  std::string before;  // version; empty if added
  std::string after;   // version; empty if removed
  std::vector<std::string> because;
  // The [sources] that a package of another apt archive came from before, and comes from now.
  std::string source_before = {};
  std::string source_after = {};

  bool operator==(const Change&) const = default;
};

// Sorted by package. Versions are compared like dpkg compares them. A package that comes from
// another archive is a change too.
std::vector<Change> changes(const Lock& before, const Lock& after);

// What a package that goes down came from before, and comes from now: how many there are of each
// pair of suites that differ. Not empty usually means that this machine's apt lacks the first one.
struct Descent {
  std::string from;  // "bookworm-security"
  std::string to;    // "bookworm"

  auto operator<=>(const Descent&) const = default;
};
std::map<Descent, std::size_t> descents(const Lock& before, const Lock& after);

// Dependency chains from a declared item to the package: {"tool git", "git", "libcurl3-gnutls"}.
// The shortest chain is first. Returns at most `limit` chains.
std::vector<std::vector<std::string>> chains(const Lock& lock, std::string_view package,
                                             std::size_t limit = 5);

}  // namespace ccci::lock
