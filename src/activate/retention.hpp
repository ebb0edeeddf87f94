// SPDX-License-Identifier: GPL-3.0-or-later
// Which generations stay, and what goes with the others.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "store/store.hpp"

namespace ccci::activate {

// The name of the store's root that keeps a generation's system.
std::string root_of(std::uint64_t number);

// Keeps the current one, the confirmed one and the newest others up to `keep` in all; the numbers
// of the rest. Pure.
std::vector<std::uint64_t> superfluous(std::vector<std::uint64_t> numbers, std::uint64_t current,
                                       std::uint64_t confirmed, std::size_t keep);

// Removes them with their roots, roots of generations that are no more, and when systemd last
// started timers that no other generation has.
base::Result<std::vector<std::uint64_t>> drop_generations(const Generations& generations,
                                                          store::Store& store, std::size_t keep);

// The names of the store's roots that were made for generations.
base::Result<std::vector<std::string>> generation_roots(const store::Store& store);

// Where systemd remembers when a Persistent= timer elapsed last.
std::filesystem::path stamp_of(const Layout& layout, const std::string& timer);

}  // namespace ccci::activate
