// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a container has a port that it listens on: a server has one, a migration has none.
#pragma once

#include <string>
#include <string_view>

#include "engine/api.hpp"

namespace ccci::engine {

// `table` is the text of /proc/net/tcp or tcp6. The engine's own name server does not count: it is
// in each container's network.
bool has_listener(std::string_view table);

// False if the container cannot say so: it has ended, or has no `cat`.
bool listens(const Api& api, const std::string& container);

}  // namespace ccci::engine
