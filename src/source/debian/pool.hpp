// SPDX-License-Identifier: GPL-3.0-or-later
// Fetching files whose digest is known, through libapt's methods.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/kept.hpp"

namespace ccci::source::debian {

struct Order {
  Arrival arrival;                // `file` is filled in here
  std::vector<std::string> uris;  // tried in turn
};

struct Failure {
  Order order;
  base::Error error;  // of the last uri tried
};

// Brings every order into `kept`, each as soon as it is there, so that a killed run loses little.
// Returns those that no uri could serve; an Error only where nothing could be tried.
base::Result<std::vector<Failure>> fetch_all(const std::vector<Order>& orders,
                                             const std::filesystem::path& kept,
                                             std::string_view doing, base::Progress& progress,
                                             std::uint64_t limit = 0);

}  // namespace ccci::source::debian
