// SPDX-License-Identifier: GPL-3.0-or-later
// dpkg's database for a root: /var/lib/dpkg describes the locked packages, so that dpkg -l, dpkg
// -S, dpkg-shlibdeps, debhelper and lintian judge by them and not by the host. Formats: deb(5),
// deb-triggers(5), dpkg's own files (status, info/format, triggers/File, alternatives/NAME).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "environment/alternatives.hpp"
#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

inline constexpr const char* dpkg_directory = "var/lib/dpkg";

// For a root in which maintainer scripts will run. Empty: a root that is complete.
struct DpkgPending {
  std::set<std::string> unpacked;                      // packages whose postinst will run
  std::map<std::string, std::set<std::string>> files;  // file trigger -> interested packages
  std::map<std::string, std::set<std::string>> named;  // named trigger -> interested packages
  std::set<std::string> activated;                     // triggers that are pending at the start

  bool empty() const { return unpacked.empty(); }
};

// Adds status, info/ and the other files. `candidates`: all alternatives that the packages offer.
void add_dpkg_database(Tree& tree, const std::vector<Part>& parts, const DpkgPending& pending,
                       const std::vector<Candidate>& candidates);

}  // namespace ccci::environment
