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

namespace {

// The rest of the place behind the directory of a project's lock. Empty if it is none.
std::string_view behind_directory(std::string_view place) {
  constexpr std::string_view separator = "node_modules/";
  place.remove_prefix(2);
  while (!place.starts_with(separator)) {
    const std::size_t slash = place.find('/');
    const std::string_view part = place.substr(0, slash);
    const bool plain = std::all_of(part.begin(), part.end(), [](char byte) {
      return byte > ' ' && byte < '\x7f' && byte != '\\';
    });
    if (slash == std::string_view::npos || part.empty() || part == "." || part == ".." || !plain) {
      return {};
    }
    place.remove_prefix(slash + 1);
  }
  return place.substr(separator.size());
}

}  // namespace

bool is_npm_place(std::string_view place) {
  if (place.starts_with("./")) {
    const std::string_view rest = behind_directory(place);
    return !rest.empty() && !rest.starts_with("./") && is_npm_place(rest);
  }
  constexpr std::string_view separator = "/node_modules/";
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-";
  for (std::size_t from = 0; from != std::string_view::npos;) {
    const std::size_t end = place.find(separator, from);
    std::string_view name = place.substr(from, end - from);
    if (name.starts_with('@')) {
      const std::size_t slash = name.find('/');
      if (slash == std::string_view::npos || slash < 2) return false;
      if (name.substr(1, slash - 1).find_first_not_of(allowed) != std::string_view::npos ||
          name[1] == '.') {
        return false;
      }
      name.remove_prefix(slash + 1);
    }
    if (name.empty() || name.front() == '.' || name == "node_modules" ||
        name.find_first_not_of(allowed) != std::string_view::npos) {
      return false;
    }
    from = end == std::string_view::npos ? end : end + separator.size();
  }
  return true;
}

}  // namespace ccci::source
