// SPDX-License-Identifier: GPL-3.0-or-later
// The layout of a TOML list of strings: the offsets of its brackets, elements and commas.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::learn {

struct ListText {
  std::size_t open = 0;              // of '['
  std::size_t close = 0;             // of ']'
  std::optional<std::size_t> first;  // of the first element
  std::optional<std::size_t> last;   // of the last element
  std::size_t last_end = 0;          // after the last element
  std::optional<std::size_t> comma;  // of a comma after the last element
  std::size_t elements = 0;
  std::size_t lines_with_elements = 0;
};

// The list whose '[' is at `open`; nothing if the text there is not a list of strings.
std::optional<ListText> read_list(std::string_view text, std::size_t open);

// Adds the names at the end of the list. If each element has its own line, each new one gets its
// own line too. Otherwise the lines are filled up to 100 columns.
std::string append_to_list(std::string_view text, const ListText& list,
                           const std::vector<std::string>& names);

// Removes the first element of that name: with its line and comment if it has its own line,
// otherwise with its comma. Returns the text unchanged if the list has no element with this
// spelling.
std::string remove_from_list(std::string_view text, std::size_t open, const std::string& name);

}  // namespace ccci::learn
