// SPDX-License-Identifier: GPL-3.0-or-later
// Which facts of a view must hold, which must be the same through every path, and which may differ,
// with the reason. One table for the verdict and for `witness --explain`.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "witness/path.hpp"
#include "witness/seen.hpp"
#include "witness/view.hpp"

namespace ccci::witness {

// The user of a job, as the host knows it.
struct Account {
  std::string name;
  std::string home;
  std::string shell;
  std::string group;   // number
  std::string groups;  // numbers, as View has them

  bool operator==(const Account&) const = default;
};

// What a job must get, from the active system (host/job_view.hpp).
struct ExpectedView {
  std::string language;               // LANG
  std::set<std::string> unset;        // variables that no job gets
  std::set<std::string> mounts = {};  // read-only mount points of the environment

  bool operator==(const ExpectedView&) const = default;
};

// What the job of a path sees: a runner's step its own view, any other job that of its entrypoint.
const View& view_of_job(Path::Kind kind, const Seen& seen);

// What is wrong with the view of one job, one line each. `first` is the view of the first path that
// answered, and `through` is its title.
std::vector<std::string> check_view(const ExpectedView& expected, Path::Kind kind, const View& view,
                                    const std::optional<Account>& account, const View& first,
                                    const std::string& through);

// A fact that is not the same through all paths.
struct Difference {
  std::string fact;
  std::map<std::string, std::vector<std::string>> paths;  // value ("" = not there) to paths' titles
  std::string reason;                                     // why it may differ; empty: it may not

  bool operator==(const Difference&) const = default;
};

// `views`: by the title of the path.
std::vector<Difference> differences(const std::map<std::string, View>& views);

}  // namespace ccci::witness
