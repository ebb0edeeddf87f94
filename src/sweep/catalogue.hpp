// SPDX-License-Identifier: GPL-3.0-or-later
// Gets the catalogue of the declaration, and asks the repositories of recipes what they have.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "sweep/decision.hpp"
#include "sweep/enrolment.hpp"

namespace ccci::sweep {

// The enrolled recipes of a declaration in `directory`. A catalogue at a URL is fetched into
// `state` by apt's own methods; with `offline`, the copy of the last time is read. [sweep.*]
base::Result<Enrolled> load_enrolled(const declare::Declaration& declaration,
                                     const std::filesystem::path& directory,
                                     const std::filesystem::path& state, bool offline,
                                     base::ProcessRunner& processes);

// Asks each repository for its releases, several at once. `work` is an empty directory. A
// repository that cannot be asked is no error: its candidate has the problem.
std::map<std::string, Candidate> look(const declare::Declaration& declaration,
                                      const std::filesystem::path& directory,
                                      const std::filesystem::path& work,
                                      base::ProcessRunner& processes, base::Progress& progress);

}  // namespace ccci::sweep
