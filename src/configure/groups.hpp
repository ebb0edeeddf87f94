// SPDX-License-Identifier: GPL-3.0-or-later
// Plans which maintainer scripts are run, and with which packages around them. Scripts that cannot
// influence each other are in different groups, each with a root of its own. So a new tool runs
// only the scripts of its own group again; what the other groups made is taken from the store.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "environment/dpkg_database.hpp"
#include "environment/part.hpp"
#include "store/address.hpp"

namespace ccci::configure {

struct Group {
  std::vector<std::string> runs;               // packages whose scripts are run; sorted
  std::map<std::string, std::string> because;  // package to the command that no rule covers
  std::vector<std::size_t> members;            // indexes of the parts in the root of this group
  std::vector<std::size_t> base;               // the Essential ones of them: every group has these
  std::vector<std::string> preinsts;           // packages whose preinst is run first; sorted
  environment::DpkgPending pending;  // the triggers of `runs`, and those that members activate

  bool operator==(const Group& other) const {
    return runs == other.runs && members == other.members && preinsts == other.preinsts;
  }
};

// The first group has the Essential packages, whose accounts and basic files every other script
// expects. It is empty if none of their scripts must be run. Pure: it depends on the parts only.
std::vector<Group> groups(const std::vector<environment::Part>& parts);

// The address of what the group's scripts make. `before`: what the first group made, for the
// others.
store::Address address_of(const Group& group, const std::vector<environment::Part>& parts,
                          const store::Address* before);

}  // namespace ccci::configure
