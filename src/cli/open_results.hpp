// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the results of sweeps of a call.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "history/history.hpp"

namespace ccci::cli {

inline constexpr std::size_t every_night = 100'000;

// The results can be read without a declaration, unless they are in a database that it names.
// [history.*], [declare.*]
base::Result<history::History> open_results(Invocation& invocation, history::Access access);

// That neither a night nor a recipe has this name.
base::Error unknown_results(const history::History& history, const std::string& name);

}  // namespace ccci::cli
