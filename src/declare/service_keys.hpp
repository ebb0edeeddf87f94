// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of what runs on hosts: [timers], [runners], [hosts], [health] and [notify].
#pragma once

#include <span>

#include "declare/keys.hpp"

namespace ccci::declare {

std::span<const Key> service_keys();

}  // namespace ccci::declare
