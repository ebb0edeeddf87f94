// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/image_name.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

bool is_image_path(std::string_view part) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !part.empty() && letter(part.front()) && letter(part.back()) &&
         std::all_of(part.begin(), part.end(),
                     [&](char c) { return letter(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace

bool is_image_name(std::string_view name) {
  constexpr std::string_view host_characters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:[]-";
  constexpr std::string_view tag_characters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view algorithm = "sha256:";
  constexpr std::size_t digits = 64;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    const std::string_view digest = name.substr(at + 1);
    if (!digest.starts_with(algorithm) || digest.size() != algorithm.size() + digits ||
        digest.find_first_not_of(hex, algorithm.size()) != std::string_view::npos) {
      return false;
    }
    name = name.substr(0, at);
  }
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
    if (name.find_first_not_of(tag_characters, colon + 1) != std::string_view::npos) return false;
    name = name.substr(0, colon);
  }
  std::vector<std::string_view> parts = base::split(name, '/');
  const std::string_view first = parts.front();
  const bool has_host = parts.size() > 1 && (first.find_first_of(".:") != std::string_view::npos ||
                                             first == "localhost" || !is_image_path(first));
  if (has_host) {
    if (first.empty() || first.starts_with('-') || first.ends_with(':') ||
        first.find_first_not_of(host_characters) != std::string_view::npos) {
      return false;
    }
    parts.erase(parts.begin());
  }
  return std::all_of(parts.begin(), parts.end(), is_image_path);
}

}  // namespace ccci::recipe
