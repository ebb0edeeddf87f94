// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::declare {

// Whether the IANA time zone database contains the name, e.g. "Europe/Berlin". The list is built in
// because this room opens no files. Names are never removed from that database. New names are added
// about once a year.
bool is_timezone(std::string_view name);

}  // namespace ccci::declare
