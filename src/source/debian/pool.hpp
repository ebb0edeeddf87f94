// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches files with a known digest through libapt's methods.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/download.hpp"
#include "source/kept.hpp"

namespace ccci::source::debian {

struct Order {
  Arrival arrival;                // `file` is filled in here
  std::vector<std::string> uris;  // tried in turn
};

struct Failure {
  Order order;
  base::Error error;                    // of the last uri tried
  std::vector<std::string> asked = {};  // without passwords
};

// Fetches every order into `kept`. Each file is moved there as soon as it is complete, so that a
// killed run loses little. Returns the orders that no uri could deliver. Returns an Error only if
// no download could be started.
base::Result<std::vector<Failure>> fetch_all(const std::vector<Order>& orders,
                                             const std::filesystem::path& kept,
                                             std::string_view doing, base::Progress& progress,
                                             const Bounds& bounds = {});

}  // namespace ccci::source::debian
