// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/stack.hpp"

#include <algorithm>

namespace ccci::recipe {

const Service* Stack::find(std::string_view key) const {
  const auto at = std::find_if(services.begin(), services.end(),
                               [&](const Service& service) { return service.key == key; });
  return at == services.end() ? nullptr : &*at;
}

}  // namespace ccci::recipe
