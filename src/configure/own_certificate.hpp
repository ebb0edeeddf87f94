// SPDX-License-Identifier: GPL-3.0-or-later
// Recognises a certificate that a script made for this machine, as ssl-cert does: its key is
// random.
#pragma once

#include <cstdint>
#include <string_view>

namespace ccci::configure {

// Whether `text` (PEM) contains a certificate that is valid from one day before `time` or later.
// While scripts run the clock shows `time` (seconds since 1970); certificates of packages are
// older.
bool has_own_certificate(std::string_view text, std::int64_t time);

}  // namespace ccci::configure
