// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the environments that live processes use.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "store/upkeep.hpp"

namespace ccci::store {

// Which of `candidates` a live process uses. They may already be in staging/. `proc` is /proc,
// except in tests. Another user's process may hide its environment variables, but not its mounts.
// [base.open], [base.read] if a process cannot be looked at for want of memory or descriptors:
// what it uses would seem unused.
base::Result<std::vector<Root>> in_use(const std::vector<Address>& candidates,
                                       const std::filesystem::path& proc = "/proc");

// Which of `candidates`, all below `directory`, have a program or library that some process has
// open, in whatever container it runs. Empty in the host's own pid namespace, where /proc shows
// all. An environment that shares files with a used one counts as used too.
std::vector<Root> held_elsewhere(int directory, const std::vector<Address>& candidates);

// Whether a mount in this mountinfo shows the object, that is, whether a component of its root
// (field 4) is the object's directory name. The device is not compared, because btrfs gives each
// subvolume its own. The components before it are not compared either: the state directory may be a
// mount, and the object may have been moved to staging.
bool mounts(std::string_view mountinfo, const Address& object);

}  // namespace ccci::store
