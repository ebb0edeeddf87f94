// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for a page of a deployed stack, as a browser would, and follows its redirects.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/http.hpp"
#include "ingress/address.hpp"
#include "ingress/origin.hpp"

namespace ccci::ingress {

struct Visit {
  Address address;
  std::string method = "GET";
  std::vector<engine::Header> headers;
  std::chrono::milliseconds deadline{10'000};  // of all requests together
  std::uint64_t largest = 256U << 10U;         // bytes of the body that are kept
  int most_redirects = 10;
};

// The last page.
struct Answer {
  unsigned status = 0;
  Origin origin = Origin::app;
  std::vector<engine::Header> headers;
  std::string body;
  bool truncated = false;  // the body is longer
  Address address;         // of this page
  // Where it leads, if it is a redirect that was not followed: to a name that the ingress does not
  // have, or one too many.
  std::string leads_to;
  std::vector<Address> redirects;  // the pages before it
  std::chrono::milliseconds time{0};

  // The first header of the name; names are compared without case.
  std::string_view header(std::string_view name) const;
};

struct Doors {
  std::filesystem::path plain;
  std::filesystem::path secure;
  std::set<std::string> names;  // redirects to them are followed
};

// An answer of any status is a value. [ingress.silent] with Condition::silent, [ingress.broken]
// with Condition::disconnected
base::Result<Answer> visit(const Doors& doors, const Visit& wanted);

}  // namespace ccci::ingress
