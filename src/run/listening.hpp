// SPDX-License-Identifier: GPL-3.0-or-later
// Why a service refuses the connections of its route: it listens elsewhere, not yet, or without
// TLS.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/listeners.hpp"
#include "recipe/route.hpp"
#include "recipe/stack.hpp"

namespace ccci::run {

struct Refusal {
  std::string text;      // "nothing listens on port 80; …: correct the label X to 8080"
  bool lasting = false;  // it listens for others, only not there: to wait may change nothing

  bool operator==(const Refusal&) const = default;
};

// Nothing if it listens where the route leads, and no TLS is wanted there.
std::optional<Refusal> refusal_of(const recipe::Route& route, const recipe::Stack& stack,
                                  const std::vector<engine::Listener>& listeners);

}  // namespace ccci::run
