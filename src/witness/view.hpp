// SPDX-License-Identifier: GPL-3.0-or-later
// What a job gets besides its commands: user, limits, mounts, files that configure every program,
// variables. The probe records it without tools of the environment.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ccci::witness {

struct View {
  // By name, each as a text that can be compared:
  //   user, group, groups       numbers; groups sorted, separated by blanks
  //   umask                     "0022"
  //   limit NAME                "SOFT, at most HARD", as in /proc/self/limits
  //   mount POINT               "read-only" or "writable": the mount that is seen there
  //   file PATH                 its checksum, or "none"
  //   owner PATH                number
  //   variable NAME             only if it is set
  std::map<std::string, std::string> facts = {};
  std::set<std::string> exported = {};  // names of all variables

  bool operator==(const View&) const = default;
};

// Takes one record of the probe, e.g. "umask" or "variable.HOME". Returns false if the probe writes
// no such record. Content that it cannot read is left out, since a job may write anything.
bool take_view(View& view, std::string_view name, std::string_view value);

}  // namespace ccci::witness
