// SPDX-License-Identifier: GPL-3.0-or-later
// Text as a part of a URL.
#pragma once

#include <string>
#include <string_view>

namespace ccci::base {

// Each byte that is not unreserved (RFC 3986, section 2.3) and not in `kept` becomes %XX.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace ccci::base
