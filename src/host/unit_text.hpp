// SPDX-License-Identifier: GPL-3.0-or-later
// The text of systemd units: how a value is written so that systemd reads back exactly it, and how
// a unit with its drop-ins reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::host {

// The first line of every file of units that is written.
inline constexpr const char* unit_origin =
    "# Written by cc-ci build from cc-ci.toml; a change here is drift.\n";

// One word of a setting, in double quotes: '%' is doubled (specifiers), '"' and '\' are escaped.
// `text` holds no control character. '$' stays: an Exec line must begin with ':' for that.
std::string unit_word(std::string_view text);

// A setting that takes the rest of its line (Description=, WorkingDirectory=): only '%' means
// anything there.
std::string unit_line(std::string_view text);

// What a setting comes to over the texts of a unit and its drop-ins in their order: an empty value
// clears those before it. Continued lines are joined, comments are gone.
std::vector<std::string> settings(const std::vector<std::string>& texts, std::string_view section,
                                  std::string_view key);

// The words of a setting. [host.unit] where a quote is not closed or a specifier other than "%%"
// stands in it: what such a line comes to is known only where it runs.
base::Result<std::vector<std::string>> unit_words(std::string_view value);

}  // namespace ccci::host
