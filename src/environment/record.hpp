// SPDX-License-Identifier: GPL-3.0-or-later
// environment.json, both ways.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "environment/environment.hpp"

namespace ccci::environment {

inline constexpr const char* record_file = "environment.json";
inline constexpr std::size_t largest_record = 64U << 20U;

std::string write_record(const Environment& environment, const std::vector<std::string>& left_out);

// `path` and `root` are not in the record: the caller knows where it was found.
base::Result<Environment> read_record(std::string_view text, const store::Address& address);

}  // namespace ccci::environment
