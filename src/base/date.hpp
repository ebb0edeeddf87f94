// SPDX-License-Identifier: GPL-3.0-or-later
// Points in time as text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ccci::base {

using WallTime = std::chrono::system_clock::time_point;

// "2026-11-28T03:00:00Z" (RFC 3339), always in UTC.
std::string rfc3339(WallTime time);
// Nothing if the text is not of this form.
std::optional<WallTime> from_rfc3339(std::string_view text);
// "2026-11-28", in the time zone of this machine.
std::string local_date(WallTime time);

}  // namespace ccci::base
