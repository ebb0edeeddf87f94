// SPDX-License-Identifier: GPL-3.0-or-later
// On which ports a container listens: a server has one, a migration has none.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"

namespace ccci::engine {

struct Listener {
  std::uint16_t port = 0;
  bool own_only = false;  // only programs of the same container reach it: 127.0.0.1, ::1

  auto operator<=>(const Listener&) const = default;
};

// `table` is the text of /proc/net/tcp or tcp6. Sorted, each once. The engine's own name server
// does not count: it is in each container's network.
std::vector<Listener> listeners_in(std::string_view table);

// Nothing if nobody can say it: the container has ended.
std::optional<std::vector<Listener>> listeners_of(const Engine& engine,
                                                  const std::string& container);

// False if nobody can say it.
bool listens(const Engine& engine, const std::string& container);

}  // namespace ccci::engine
