// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::declare {

// Whether the IANA time zone database knows the name, e.g. "Europe/Berlin". The list is built in
// (this room opens no files): names leave that database never, new ones come about once a year.
bool is_timezone(std::string_view name);

}  // namespace ccci::declare
