// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/address.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace ccci::ingress {

namespace {

constexpr std::size_t longest_address = 8000;

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Bytes that would end the first line of a request, and those that browsers escape too.
std::string escaped(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f)
      out += c;
    else
      out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return out;
}

// Without "." and "..". The query stays as it is.
std::string normal(std::string_view path) {
  const std::size_t query = std::min(path.find('?'), path.size());
  std::vector<std::string> kept;
  const auto parts = base::split(path.substr(0, query), '/');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == ".." && !kept.empty()) kept.pop_back();
    if (parts[i] != "." && parts[i] != "..")
      kept.emplace_back(parts[i]);
    else if (last)
      kept.emplace_back();
  }
  return "/" + base::join(kept, "/") + std::string(path.substr(query));
}

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
           c == ':';
  });
}

// What follows "https:": "//host/path".
std::optional<Address> with_scheme(bool secure, std::string_view rest) {
  if (!rest.starts_with("//")) return std::nullopt;
  rest.remove_prefix(2);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  Address address;
  address.secure = secure;
  address.host = lower(rest.substr(0, end));
  const std::string_view usual = secure ? ":443" : ":80";
  if (address.host.ends_with(usual)) address.host.resize(address.host.size() - usual.size());
  if (!is_host(address.host)) return std::nullopt;
  rest.remove_prefix(end);
  rest = rest.substr(0, rest.find('#'));
  address.path = normal(rest.starts_with('/') ? escaped(rest) : "/" + escaped(rest));
  return address;
}

}  // namespace

std::string Address::name() const { return host.substr(0, host.find(':')); }

std::string Address::text() const { return (secure ? "https://" : "http://") + host + path; }

std::optional<Address> read_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (text.size() > longest_address || colon == std::string_view::npos) return std::nullopt;
  const std::string scheme = lower(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return with_scheme(scheme == "https", text.substr(colon + 1));
}

std::optional<Address> follow(const Address& from, std::string_view link) {
  link = base::trim(link);
  if (link.size() > longest_address) return std::nullopt;
  if (link.starts_with("//")) return with_scheme(from.secure, link);
  const std::size_t mark = link.find_first_of(":/?#");
  if (mark != std::string_view::npos && link[mark] == ':') return read_address(link);
  Address to = from;
  link = link.substr(0, link.find('#'));
  if (link.empty()) return to;
  std::string base = from.path.substr(0, from.path.find('?'));
  if (link.starts_with('/')) base.clear();
  if (!link.starts_with('?')) base.resize(base.rfind('/') + 1);
  to.path = normal(base + escaped(link));
  return to;
}

}  // namespace ccci::ingress
