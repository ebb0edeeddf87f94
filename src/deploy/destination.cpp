// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/destination.hpp"

#include <algorithm>

namespace ccci::deploy {

namespace {

bool alphanumeric(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

bool one_of(char byte, std::string_view more) {
  return alphanumeric(byte) || more.find(byte) != std::string_view::npos;
}

}  // namespace

base::Result<void> check_destination(std::string_view destination) {
  const auto refuse = [&](std::string_view cause) {
    return base::unexpected(
        base::fail("deploy.destination").with("destination", destination).with("cause", cause));
  };
  constexpr std::size_t longest = 255;
  if (destination.empty()) return refuse("it is empty");
  if (destination.size() > longest) return refuse("it is too long");
  const bool plain = std::all_of(destination.begin(), destination.end(),
                                 [](char byte) { return one_of(byte, "._:/@%-"); });
  if (!plain) return refuse("it contains other characters than letters, digits and '._:/@%-'");
  constexpr std::string_view scheme = "ssh://";
  std::string_view rest = destination;
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  if (rest.find('/') != std::string_view::npos)
    return refuse("it is neither a host name nor an ssh:// address");
  const std::size_t at = rest.rfind('@');
  const std::string_view user = at == std::string_view::npos ? "" : rest.substr(0, at);
  const std::string_view host = at == std::string_view::npos ? rest : rest.substr(at + 1);
  if (at != std::string_view::npos && user.empty()) return refuse("it has no user before '@'");
  if (host.empty()) return refuse("it has no host");
  if (host.front() == '-' || user.starts_with('-')) return refuse("a part of it begins with '-'");
  return {};
}

}  // namespace ccci::deploy
