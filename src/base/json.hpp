// SPDX-License-Identifier: GPL-3.0-or-later
// JSON keeps the order in which members were added, so that output reads as its author meant it.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace ccci::base {

using Json = nlohmann::ordered_json;

}  // namespace ccci::base
