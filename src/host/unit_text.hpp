// SPDX-License-Identifier: GPL-3.0-or-later
// The text of systemd units. Writes values so that systemd reads back exactly the same value, and
// reads the settings of a unit with its drop-ins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::host {

// The first line of every unit file that cc-ci writes.
inline constexpr const char* unit_origin =
    "# Written by cc-ci build from cc-ci.toml; a change here is drift.\n";

// One word of a setting, in double quotes. '%' is doubled (specifiers), '"' and '\' are escaped.
// `text` must not contain control characters. '$' is not escaped, so an Exec line must begin with
// ':' to prevent its expansion.
std::string unit_word(std::string_view text);

// A setting that takes the rest of its line (Description=, WorkingDirectory=). Only '%' is special
// there.
std::string unit_line(std::string_view text);

// The values of a setting in the texts of a unit and its drop-ins, in their order. An empty value
// clears the previous values. Continued lines are joined, comments are removed.
std::vector<std::string> settings(const std::vector<std::string>& texts, std::string_view section,
                                  std::string_view key);

// The same of several settings that systemd keeps as one list, so that an empty value of any of
// them clears all: BindPaths= and BindReadOnlyPaths=, or a setting and its old name.
struct Setting {
  std::string key;
  std::string value;

  bool operator==(const Setting&) const = default;
};
std::vector<Setting> shared_settings(const std::vector<std::string>& texts,
                                     std::string_view section,
                                     const std::vector<std::string_view>& keys);

// Whether systemd reads the value as true: "yes", "1" …, in any case.
bool is_true(std::string_view value);

// The value of a setting that takes the rest of its line, see unit_line(). Empty if it contains a
// specifier other than "%%".
std::string plain_line(std::string_view value);

// The words of a setting. [host.unit] if a quote is not closed, or if it contains a specifier other
// than "%%": the value of a specifier is known only on the machine where the unit runs.
base::Result<std::vector<std::string>> unit_words(std::string_view value);

}  // namespace ccci::host
