// SPDX-License-Identifier: GPL-3.0-or-later
// systemd's calendar expressions (systemd.time(7)), checked without systemd: a declaration is
// refused on the laptop where it is written, not when its timer stays silent on the host.
#pragma once

#include <string>
#include <string_view>

namespace ccci::declare {

// The reason why `text` is no calendar expression, or one that can never come ("*-02-30"); empty
// where it is good. Years are 1970 to 2199. No clock is read: a date that has passed is good.
std::string check_calendar(std::string_view text);

}  // namespace ccci::declare
