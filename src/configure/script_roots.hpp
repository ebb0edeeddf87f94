// SPDX-License-Identifier: GPL-3.0-or-later
// The roots in which maintainer scripts run. All of them have the Essential packages, so these are
// composed once. The root of a group is a layer with everything else on top of them: composing and
// removing thousands of links for each group took longer than most scripts.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "environment/dpkg_database.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::configure {

// First on PATH where scripts run. Its commands do nothing.
inline constexpr const char* replaced_directory = "usr/lib/cc-ci/replaced";

struct ScriptRoot {
  std::string lower;  // for seal::SealedRun
  // To be run first: the linker cache of a layered root can only be made inside.
  std::vector<std::vector<std::string>> commands;
  store::Manifest manifest;  // of the whole root
  std::int64_t epoch = 0;    // the newest time of a package's file
};

class ScriptRoots {
 public:
  // `base`: the packages that every root has. The store must outlive this.
  ScriptRoots(store::Store& store, std::vector<environment::Part> base)
      : store_(store), base_(std::move(base)) {}

  // Whether `base` has the same packages.
  bool is_over(const std::vector<environment::Part>& base) const;

  // Makes the root of `members` in the empty directory lower/ of `staging`. It needs this object as
  // long as it is used. May be called from several threads at once. [environment.*], [store.*]
  base::Result<ScriptRoot> make(const std::vector<environment::Part>& members,
                                const environment::DpkgPending& pending, store::Staging& staging);

 private:
  base::Result<void> make_base();

  store::Store& store_;
  std::vector<environment::Part> base_;
  std::mutex mutex_;  // for the members below
  std::optional<store::Staging> scratch_;
  environment::Plan plan_;
  store::Manifest manifest_;
};

// The operations of `full` that make it from a root that has those of `base`: all that `base` lacks
// or has otherwise, and their directories. Nothing if a layer cannot do it, because `base` has a
// path that `full` has not: overlayfs hides one only by a device, which needs root.
std::optional<std::vector<environment::Operation>> layer_over(
    const environment::Plan& base, const std::vector<environment::Part>& base_parts,
    const environment::Plan& full, const std::vector<environment::Part>& parts);

}  // namespace ccci::configure
