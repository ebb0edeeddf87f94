// SPDX-License-Identifier: GPL-3.0-or-later
// The address of a page: scheme, host, path. Just enough to follow redirects.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::ingress {

struct Address {
  bool secure = true;
  std::string host;        // lower case, with a port if it is not the scheme's
  std::string path = "/";  // with the query

  std::string name() const;  // the host without its port
  std::string text() const;  // "https://a.example/x?y"
  bool operator==(const Address&) const = default;
};

// "https://a.example/x". Nothing if it is no address of a web page.
std::optional<Address> read_address(std::string_view text);
// Where a link on the page leads: another address, "//host/x", "/x", "x", "../x" or "?x". A
// fragment is dropped.
std::optional<Address> follow(const Address& from, std::string_view link);

}  // namespace ccci::ingress
