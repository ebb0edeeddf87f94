// SPDX-License-Identifier: GPL-3.0-or-later
// Where a value is in a tree, for messages: "services.app.ports[0]". A trail lives on the stack of
// the functions that walk down, so walking a large tree allocates nothing.
#pragma once

#include <string>
#include <string_view>

namespace ccci::recipe {

struct Trail {
  const Trail* up = nullptr;
  std::string_view key = {};  // empty: an element of a list, or the root
  std::size_t index = 0;

  Trail operator/(std::string_view below) const { return {this, below, 0}; }
  Trail operator/(std::size_t element) const { return {this, {}, element}; }

  std::string text() const {
    if (up == nullptr) return {};
    std::string out = up->text();
    if (key.empty()) return out + "[" + std::to_string(index) + "]";
    if (!out.empty()) out += ".";
    return out.append(key);
  }
};

}  // namespace ccci::recipe
