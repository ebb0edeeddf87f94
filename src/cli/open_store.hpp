// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the store of a call. If it has to wait for another process, the call's progress says so.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "store/store.hpp"

namespace ccci::cli {

// For commands that change the store. Errors of Store::open().
base::Result<store::Store> open_store(Invocation& invocation);
// The system's store, if the call is a user's and names no other one. Nothing if it cannot be read.
std::optional<store::Store> system_store(Invocation& invocation);
// For commands that only read: changes nothing. A user without a store of his own looks at the
// system's. Errors of Store::look().
base::Result<store::Store> look_at_store(Invocation& invocation);
// look_at_store() if the call only looks.
base::Result<store::Store> open_store(Invocation& invocation, bool only_looks);

}  // namespace ccci::cli
