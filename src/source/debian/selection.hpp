// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses what other archives than Debian's supply: the packages that the declaration asks of them
// by name, and of the dependencies of these only what Debian does not have.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/debian/offers.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// What selection() has to know about Debian's packages.
struct Debian {
  std::function<bool(const std::string& name)> has;  // as a package or a virtual package
  std::function<bool(const Relation& relation)> meets;
  std::function<bool(const std::string& name)> is_essential;
  std::function<std::string(const std::string& name)> version;
};

struct Selection {
  // The index that libapt reads. It has one version of each chosen package, and nothing in it can
  // change what Debian supplies: no Provides, Replaces and Essential, and of each dependency only
  // the alternatives that may be used.
  std::string index;
  std::set<std::string> asked;    // by the declaration
  std::set<std::string> passing;  // chosen as dependencies of these; Debian has none of them
};

// The fields of the index that say where a package comes from.
inline constexpr const char* source_field = "X-Source";
inline constexpr const char* suite_field = "X-Suite";
inline constexpr const char* component_field = "X-Component";

// `keep`: packages of the earlier lock whose version is kept if possible.
// [source.unknown-package], [source.no-version], [source.not-in-suite], [source.two-archives],
// [source.debian-too-old]
base::Result<Selection> selection(const Offers& offers, const Query& query,
                                  const std::vector<Package>& keep, const Debian& debian);

}  // namespace ccci::source::debian
