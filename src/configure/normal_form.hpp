// SPDX-License-Identifier: GPL-3.0-or-later
// Files whose parts scripts write in an order that differs from run to run. Programs of the Go
// runtime do so: it iterates over maps in a random order. `git lfs install` is one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::configure {

// Larger files are none of these.
inline constexpr std::uint64_t largest_normal_file = 1U << 20U;

// Whether a file at this path has a format whose order has no meaning.
bool has_normal_form(std::string_view path);

// The file with its parts in an order that depends on them only. Nothing if `text` has parts whose
// order might have a meaning.
std::optional<std::string> normal_form(std::string_view path, std::string_view text);

}  // namespace ccci::configure
