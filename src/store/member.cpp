// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/member.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::store {

namespace {

constexpr std::array<std::string_view, 6> merged{"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
constexpr std::size_t longest_name = 255;

bool is_merged(std::string_view name) {
  return std::find(merged.begin(), merged.end(), name) != merged.end();
}

base::Error refuse_name(std::string_view code, std::string_view member) {
  return base::fail(code).with("member", member.substr(0, 400));
}

}  // namespace

base::Result<std::string> place(std::string_view member, Shape shape, const Limits& limits) {
  if (member.starts_with('/')) {
    return base::unexpected(refuse_name("store.name-absolute", member));
  }
  if (member.size() > limits.path_length) {
    return base::unexpected(refuse_name("store.name-too-long", member));
  }
  std::string path;
  std::size_t depth = 0;
  for (const std::string_view part : base::split(member, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return base::unexpected(refuse_name("store.name-escapes", member));
    if (part.size() > longest_name) {
      return base::unexpected(refuse_name("store.name-too-long", member));
    }
    if (++depth > limits.depth) return base::unexpected(refuse_name("store.name-too-deep", member));
    if (depth == 1 && shape == Shape::merged_usr && is_merged(part)) path = "usr";
    if (!path.empty()) path.push_back('/');
    path += part;
  }
  return path;
}

bool says_merged(std::string_view member, std::string_view target) {
  if (member.starts_with("./")) member.remove_prefix(2);
  if (target.starts_with('/')) target.remove_prefix(1);
  return is_merged(member) && target.starts_with("usr/") && target.substr(4) == member;
}

}  // namespace ccci::store
