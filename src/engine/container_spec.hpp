// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a service's spec that describes its containers.
#pragma once

#include <optional>
#include <string_view>

#include "engine/spec.hpp"

namespace ccci::engine {

base::Json container_spec(const recipe::Stack& stack, const recipe::Service& service,
                          const Ids& ids);

// The labels of an object of the stack: its own and the one by which the stack is found.
base::Json stack_labels(const recipe::Stack& stack, const recipe::Labels& labels);

// Sets `name` in nanoseconds, if there is a value.
void set_duration(base::Json& json, std::string_view name,
                  const std::optional<recipe::Duration>& duration);

}  // namespace ccci::engine
