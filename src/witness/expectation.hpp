// SPDX-License-Identifier: GPL-3.0-or-later
// What a witness expects: the active generation, the values that every path must show, and the
// request to each job.
#pragma once

#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "host/build.hpp"
#include "project/project.hpp"
#include "witness/path.hpp"
#include "witness/request_queue.hpp"
#include "witness/verdict.hpp"

namespace ccci::witness {

// The generation that is active on this host. [witness.not-active], [activate.*]
base::Result<activate::Generation> active_generation(const activate::Generations& generations,
                                                     const declare::Declaration& declaration);

// [witness.stale] if the active generation has another system than the declaration says.
base::Result<void> require_current(const activate::Generation& active, const host::System& system);

Expected expected_of(const declare::Declaration& declaration, const host::Build& built,
                     const host::System& system);

// The request without name, expiry and owner, because each path sets these.
Request request_of(const project::Project& project, const activate::Generation& active,
                   const host::Build& built, const Expected& expected);

// The paths of these names, or all of them: those of the declaration, and `more` of this host.
// [witness.unknown-path]
base::Result<std::vector<Path>> choose_paths(const declare::Declaration& declaration,
                                             const std::vector<std::string>& names,
                                             const std::vector<Path>& more = {});

}  // namespace ccci::witness
