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

// Brings every order into `kept`, each as soon as it is there, so that a killed run loses little.
// All that failed in one Error, the reason being the last uri's; [source.missing-file] where every
// uri said that it has no such file.
base::Result<void> fetch_all(const std::vector<Order>& orders, const std::filesystem::path& kept,
                             std::string_view doing, base::Progress& progress,
                             std::uint64_t limit = 0);

}  // namespace ccci::source::debian
