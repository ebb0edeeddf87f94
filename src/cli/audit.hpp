// SPDX-License-Identifier: GPL-3.0-or-later
// `run --audit`: reports what a command searches for on the environment's PATH and does not find.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "environment/environment.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::cli {

struct Audited {
  std::vector<std::string> words;  // launcher, entrypoint, command
  const environment::Environment& environment;
};

// Runs the words and reports missing commands on stderr. Returns the command's exit status, or
// 128 + signal.
base::Result<int> audit(Invocation& invocation, const project::Project& project,
                        const store::Store& store, const lock::Lock& lock, const Audited& audited);

}  // namespace ccci::cli
