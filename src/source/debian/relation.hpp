// SPDX-License-Identifier: GPL-3.0-or-later
// The dependency fields of a package, and patterns of versions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::source::debian {

// "libc6 (>= 2.36)"
struct Relation {
  std::string name;
  std::string version;      // empty: any
  unsigned comparison = 0;  // libapt's pkgCache::Dep::DepCompareOp

  bool is_met_by(const std::string& version_there) const;
  std::string text() const;

  bool operator==(const Relation&) const = default;
};

using Alternatives = std::vector<Relation>;

// Reads a field like "a (>= 1) | b, c". Architectures after ':' are dropped. Returns the groups
// that could be read before the first mistake.
std::vector<Alternatives> read_relations(std::string_view field);
std::string write_relations(const std::vector<Alternatives>& groups);

// Whether the version is the one that `pattern` names, or matches it if it has '*'. A pattern
// without ':' fits a version with any epoch. An empty pattern fits every version.
bool fits(const std::string& pattern, const std::string& version);

}  // namespace ccci::source::debian
