// SPDX-License-Identifier: GPL-3.0-or-later
// Which paths of the host a stack would reach: binds, and volumes of the local driver that are
// binds in another form.
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

}  // namespace ccci::recipe
