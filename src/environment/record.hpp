// SPDX-License-Identifier: GPL-3.0-or-later
// Writes and reads the records in an environment's object. Every command reads environment.json.
// scripts.json is read only when a person asks for it, because reading it takes as long as reading
// environment.json.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "environment/environment.hpp"

namespace ccci::environment {

inline constexpr const char* record_file = "environment.json";
inline constexpr std::size_t largest_record = 64U << 20U;

inline constexpr const char* scripts_file = "scripts.json";

std::string write_record(const Environment& environment);
std::string write_scripts(const Environment& environment, const std::vector<std::string>& left_out);

// Does not fill in `path` and `root`, which are not in the record: the caller knows the path.
// Does not fill in `scripts` either.
base::Result<Environment> read_record(std::string_view text, const store::Address& address);
base::Result<std::vector<Script>> read_scripts(std::string_view text,
                                               const store::Address& address);

}  // namespace ccci::environment
