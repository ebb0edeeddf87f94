// SPDX-License-Identifier: GPL-3.0-or-later
// What the reason of a service's failure says besides the engine's words: which check failed and
// where the service really listens, which limit was in force, and what to change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/convergence.hpp"
#include "engine/listeners.hpp"
#include "recipe/stack.hpp"

namespace ccci::run {

struct Circumstances {
  const recipe::Service* service = nullptr;  // of the recipe; null: it has none of that name
  // On which ports it was seen to listen while its check failed; nothing: nobody saw it.
  std::optional<std::vector<engine::Listener>> listeners = {};
  std::uint64_t memory = 0;  // of the machine, in bytes; 0: unknown
};

// Empty, or with the "; " before it. Pure.
std::string blame(engine::Cause cause, const Circumstances& circumstances);

// What to do if an app says that its file .env is not there. A container has none: in recipes the
// values are variables. Empty, or with the "; " before it. Pure.
std::string about_env_file(std::string_view words);

// The memory of this machine in bytes; 0 if the kernel does not say it.
std::uint64_t memory_of_machine();

}  // namespace ccci::run
