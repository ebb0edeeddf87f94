// SPDX-License-Identifier: GPL-3.0-or-later
// Wall-clock time as a value. The caller passes the current time, so that no test has to wait for a
// day.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::gate {

using Time = std::chrono::sys_seconds;

std::string format_time(Time time);                     // "2026-11-22T12:00:00Z"
std::optional<Time> parse_time(std::string_view text);  // only this form and only a real date

// "90s", "10m", "24h", "7d": a whole number and a unit.
std::optional<std::chrono::seconds> parse_span(std::string_view text);
std::string format_span(std::chrono::seconds span);  // the largest unit that divides it

}  // namespace ccci::gate
