// SPDX-License-Identifier: GPL-3.0-or-later
// systemd's time spans (systemd.time(7)) in whole seconds: "90", "90s", "1min 30s", "2 hours".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::declare {

inline constexpr std::chrono::seconds shortest_deadline{1};
inline constexpr std::chrono::seconds longest_deadline{3600};
// The longest waiting time that a command accepts: for a lock, a host or a witness.
inline constexpr std::chrono::seconds longest_wait{24 * 3600};

// Returns nothing if the text is not a time span, or if it is longer than a year.
std::optional<std::chrono::seconds> time_span(std::string_view text);

// Whether a unit stands somewhere in it: a number alone means seconds, as for systemd.
bool has_unit(std::string_view text);

// Returns the reason why `text` is not a time span of at least a second, or an empty string.
std::string check_timeout(std::string_view text);

// Returns the reason why `text` is not a valid deadline, or an empty string.
std::string check_deadline(std::string_view text);

}  // namespace ccci::declare
