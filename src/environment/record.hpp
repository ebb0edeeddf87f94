// SPDX-License-Identifier: GPL-3.0-or-later
// What an environment's object says of it, both ways: environment.json, which every command reads,
// and scripts.json, which only a person who asks for it needs: reading it takes as long again.
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

// `path` and `root` are not in the record: the caller knows where it was found.
// Without `scripts`.
base::Result<Environment> read_record(std::string_view text, const store::Address& address);
base::Result<std::vector<Script>> read_scripts(std::string_view text,
                                               const store::Address& address);

}  // namespace ccci::environment
