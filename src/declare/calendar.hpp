// SPDX-License-Identifier: GPL-3.0-or-later
// systemd's calendar expressions (systemd.time(7)), checked without systemd: a bad declaration is
// refused on the laptop where it is written. Otherwise its timer would silently not run on the
// host.
#pragma once

#include <string>
#include <string_view>

namespace ccci::declare {

// Returns the reason why `text` is not a calendar expression, or why it can never occur
// ("*-02-30"). Returns an empty string if it is valid. Years are 1970 to 2199. No clock is read: a
// date in the past is valid.
std::string check_calendar(std::string_view text);

// Whether a valid expression can occur more than once in an hour ("minutely", "*:0/20").
bool repeats_within_the_hour(std::string_view text);

}  // namespace ccci::declare
