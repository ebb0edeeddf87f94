// SPDX-License-Identifier: GPL-3.0-or-later
// The other recipes that a recipe needs, as plans. They are deployed into the same engine before it
// and are not tested themselves.
#pragma once

#include <filesystem>

#include "base/process.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "run/plan.hpp"

namespace ccci::run {

// Plans for the dependencies of `plan` and for theirs, each once and after what it needs itself.
// `directory` is that of the declaration. Copies of their files are below `work`. [run.*],
// [recipe.*], with the field `dependency` if it is about the files of that recipe.
base::Result<void> plan_dependencies(Plan& plan, const declare::Declaration& declaration,
                                     const std::filesystem::path& directory,
                                     const std::filesystem::path& work,
                                     base::ProcessRunner& processes);

}  // namespace ccci::run
