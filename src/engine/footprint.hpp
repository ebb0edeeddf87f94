// SPDX-License-Identifier: GPL-3.0-or-later
// What a run uses of a shared engine. Its containers are in groups of the engine's own choice, so
// the kernel has no one number for all of them, as it has in a private engine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/api.hpp"
#include "engine/tenant.hpp"

namespace ccci::engine {

struct Footprint {
  // The sum over the containers that run now: of each the most that it used until now, or what it
  // uses now where neither the engine nor the kernel knows the most.
  std::uint64_t memory = 0;
  // Of the volumes, and of what containers wrote into their own layers.
  std::uint64_t disk = 0;

  bool operator==(const Footprint&) const = default;
};

base::Result<Footprint> footprint_of(const Api& api, const Tenant& tenant);

// The directory of a container's group below the mount point of version 2, from the text of
// /proc/PID/cgroup; empty if the process is not of this container. The engine may see other numbers
// of processes than this program.
std::string group_of(std::string_view text, const std::string& container);

// Bytes on the disk. Stops after 200000 files: the number is for people.
// The container's first process, if its number is one of this machine; else 0.
pid_t process_of_container(const Api& api, const std::string& container);

std::uint64_t bytes_below(const std::filesystem::path& directory);

}  // namespace ccci::engine
