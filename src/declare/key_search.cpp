// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/keys.hpp"

namespace ccci::declare {

const Key* find_key(std::string_view parent, std::string_view key) {
  const Key* any = nullptr;
  for (const Key& row : keys()) {
    if (row.parent() != parent) continue;
    if (row.last() == "*") {
      any = &row;
    } else if (row.last() == key) {
      return &row;
    }
  }
  return any;
}

std::vector<std::string> known_keys(std::string_view parent) {
  std::vector<std::string> names;
  for (const Key& row : keys()) {
    if (row.parent() == parent && row.last() != "*") names.emplace_back(row.last());
  }
  return names;
}

}  // namespace ccci::declare
