// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace ccci::declare {

// Whether the IANA time zone database contains the name, e.g. "Europe/Berlin". The list is built in
// because this room opens no files. Names are never removed from that database. New names are added
// about once a year.
bool is_timezone(std::string_view name);

// The most similar name of the database. Empty if none is similar.
std::string likely_timezone(std::string_view name);

// Whether tzset(3) takes the text as the value of TZ: empty, a name of the database, a rule like
// "CET-1CEST,M3.5.0,M10.5.0/3", or the path of a file. It takes any other text as UTC, and says
// nothing.
bool is_tz_value(std::string_view text);

}  // namespace ccci::declare
