// SPDX-License-Identifier: GPL-3.0-or-later
// A TOML list of strings as it is laid out: where its elements, commas and comments stand.
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

// The list whose '[' stands at `open`; nothing where the text there is no list of strings.
std::optional<ListText> read_list(std::string_view text, std::size_t open);

// `text` with the names at the end of the list. Where each element has a line of its own, so has
// each new one; otherwise they are set in lines of at most 100 columns.
std::string append_to_list(std::string_view text, const ListText& list,
                           const std::vector<std::string>& names);

// `text` without the first element of that name: with its line and comment where it has one of its
// own, else with its comma. Unchanged where the list has none so spelled.
std::string remove_from_list(std::string_view text, std::size_t open, const std::string& name);

}  // namespace ccci::learn
