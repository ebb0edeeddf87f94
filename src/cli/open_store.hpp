// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the store of a call. If it has to wait for another process, the call's progress says so.
#pragma once

#include "base/result.hpp"
#include "cli/invocation.hpp"
#include "store/store.hpp"

namespace ccci::cli {

// For commands that change the store. Errors of Store::open().
base::Result<store::Store> open_store(Invocation& invocation);
// For commands that only read: changes nothing. Errors of Store::look().
base::Result<store::Store> look_at_store(Invocation& invocation);
// look_at_store() if the call only looks.
base::Result<store::Store> open_store(Invocation& invocation, bool only_looks);

}  // namespace ccci::cli
