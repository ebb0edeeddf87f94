// SPDX-License-Identifier: GPL-3.0-or-later
// The texts inside of compose values: durations, sizes, command lines. Each function returns
// nothing for a text that Docker refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recipe/service.hpp"

namespace ccci::recipe {

// Go's durations: "1m30s", "1.5h", "300ms", "0". Never negative, never longer than a year.
std::optional<Duration> read_duration(std::string_view text);

// "64m", "1.5 GiB", "1024": multiples of 1024, whatever the unit is called.
std::optional<std::int64_t> read_bytes(std::string_view text);

// "0.5" in billionths.
std::optional<std::int64_t> read_cpus(std::string_view text);

// A number without sign, spaces or base, up to `most`.
std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t most);

// Splits a command as Docker does: quotes, backslashes, and `#` begins a comment.
std::optional<std::vector<std::string>> split_command(std::string_view text);

// "8000-8010" or "80": first and last port.
std::optional<std::pair<std::uint16_t, std::uint16_t>> read_port_range(std::string_view text);

}  // namespace ccci::recipe
