// SPDX-License-Identifier: GPL-3.0-or-later
// Which paths of the host a stack would reach: binds, and volumes of the local driver that are
// binds in another form. Devices that every container has, and the files that tell the host's time
// zone, are none: they show nothing of the host.
#pragma once

#include <string>
#include <vector>

#include "recipe/stack.hpp"

namespace ccci::recipe {

struct HostPath {
  std::string service;
  std::string source;  // on the host
  std::string target;  // in the container
  bool engine_socket = false;

  bool operator==(const HostPath&) const = default;
};

std::vector<HostPath> host_paths_of(const Stack& stack);

// Whether the mount is one of the files that tell the host's time zone.
bool tells_time_zone(const Mount& mount);

}  // namespace ccci::recipe
