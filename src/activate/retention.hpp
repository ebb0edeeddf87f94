// SPDX-License-Identifier: GPL-3.0-or-later
// Decides which generations are kept, and removes the others with all that belongs to them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "store/store.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

// The name of the store's root that keeps a generation's system.
std::string root_of(std::uint64_t number);

// The number of the generation for which store::roots() lists this root; 0: for none.
std::uint64_t generation_of(const store::Root& root);

// Returns the numbers of the generations to remove. Keeps the current one, the confirmed one and
// the newest others, `keep` in all. A pure function.
std::vector<std::uint64_t> superfluous(std::vector<std::uint64_t> numbers, std::uint64_t current,
                                       std::uint64_t confirmed, std::size_t keep);

// Removes these generations with their roots, the roots of generations that no longer exist, and
// systemd's time stamps of timers that no other generation has.
base::Result<std::vector<std::uint64_t>> drop_generations(const Generations& generations,
                                                          store::Store& store, std::size_t keep);

// The names of the store's roots that were made for generations.
base::Result<std::vector<std::string>> generation_roots(const store::Store& store);

// The file in which systemd stores when a Persistent= timer last elapsed.
std::filesystem::path stamp_of(const Layout& layout, const std::string& timer);

}  // namespace ccci::activate
