// SPDX-License-Identifier: GPL-3.0-or-later
// The differences between two states of a project.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "environment/environment.hpp"
#include "lock/changes.hpp"
#include "store/store.hpp"

namespace ccci::project {

// One state. Unknown parts are not compared.
struct Side {
  std::string name;
  std::optional<lock::Lock> lock;
  std::optional<environment::Environment> environment;
  // Of an environment that was named by its hash. Its object knows no reasons.
  std::optional<std::vector<source::Package>> contents = {};
};

// `name` is a lock file, an environment or a system of the store, or a git revision of the lock of
// `declaration`. The first match in this order counts. [cli.no-such-side], [lock.*],
// [environment.*], [store.*]
base::Result<Side> read_side(const store::Store& store, const std::filesystem::path& declaration,
                             const std::string& name);

// The environment with this hash. [store.unknown], [environment.*]
base::Result<Side> environment_side(const store::Store& store, const std::string& name,
                                    const std::string& hash);

struct Names {
  std::vector<std::string> appeared;
  std::vector<std::string> vanished;
  bool known = false;  // both sides were known
};

// A variable that the environments give a job. Nothing: that side does not set it.
struct VariableChange {
  std::string name;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

struct Difference {
  std::vector<lock::Change> packages;
  Names tools;
  Names commands;
  std::vector<VariableChange> variables;
  // The environments have different digests, and nothing above tells why: a file of the declaration
  // (host_files, certificates), or another version of cc-ci made them.
  bool otherwise = false;

  bool empty() const;
};
Difference difference(const Side& before, const Side& after);

}  // namespace ccci::project
