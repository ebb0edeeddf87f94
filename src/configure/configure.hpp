// SPDX-License-Identifier: GPL-3.0-or-later
// Configures packages: runs the maintainer scripts and triggers that no rule of cc-ci's own covers,
// sealed off, and keeps what they made as objects in the store.
//
//   root/       new and changed files
//   manifest    of root/
//   meta.json   {"ran": [package…], "because": {package: command}, "removed": [path…],
//                "normalised": [path…], "left_out": [{"path","why"}…],
//                "failed": [{"package","why"}…], "needs": […]}
#pragma once

#include <memory>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "environment/part.hpp"
#include "store/store.hpp"

namespace ccci::configure {

class ScriptRoots;

// The Essential packages of a closure and what they depend on, in the order of `packages`.
std::vector<source::Package> essential_closure(const std::vector<source::Package>& packages);

class Configurer {
 public:
  // Both must outlive this.
  Configurer(store::Store& store, base::Progress& progress);
  ~Configurer();

  // What the scripts of the packages make, as parts that come after the packages in a root. Runs
  // only what is not in the store yet. A script that fails does not fail the call: its package has
  // an outcome. `parts`: a closure, each package after no particular other. Several processes may
  // do this at once, several threads not. [configure.*], [environment.*], [store.*]
  base::Result<std::vector<environment::Part>> configured(
      const std::vector<environment::Part>& parts);

  // Does early what configured() does first: runs the scripts of the Essential packages. `parts`:
  // all essential_closure() of a closure. If other packages change which of these scripts must be
  // run, configured() does it again. An error is no loss: configured() meets it again.
  base::Result<void> configure_essential(const std::vector<environment::Part>& parts);

 private:
  void use_base(std::vector<environment::Part> base);

  store::Store& store_;
  base::Progress& progress_;
  std::unique_ptr<ScriptRoots> roots_;  // of the last call: the next mostly has the same base
};

}  // namespace ccci::configure
