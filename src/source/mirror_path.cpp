// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/mirror_path.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::source {

bool is_mirror_path(std::string_view path) {
  const bool printable =
      std::all_of(path.begin(), path.end(), [](char byte) { return byte > ' ' && byte < '\x7f'; });
  if (path.empty() || path.size() > 1000 || !printable || path.front() == '/') return false;
  // libapt decodes %2e in addresses.
  if (path.find("%2e") != std::string_view::npos || path.find("%2E") != std::string_view::npos) {
    return false;
  }
  const auto parts = base::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") == parts.end();
}

}  // namespace ccci::source
