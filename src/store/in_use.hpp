// SPDX-License-Identifier: GPL-3.0-or-later
// Which environments live processes stand in.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "store/upkeep.hpp"

namespace ccci::store {

// Of `candidates`, which may already lie in staging/. `proc`: /proc, or a made one in tests.
// Another user's process may hide its environment variables, but not its mounts.
std::vector<Root> in_use(const std::vector<Address>& candidates,
                         const std::filesystem::path& proc = "/proc");

// Whether a mount in this mountinfo shows the object: a component of its root (field 4) is the
// object's directory. Not compared: the device (btrfs gives each subvolume one of its own) and what
// stands before (the state directory may be a mount, and the object may have been moved to
// staging).
bool mounts(std::string_view mountinfo, const Address& object);

}  // namespace ccci::store
