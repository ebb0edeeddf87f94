// SPDX-License-Identifier: GPL-3.0-or-later
// Where the tasks of a stack can be reached.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/api.hpp"

namespace ccci::engine {

struct Endpoint {
  std::string service;    // its name: "STACK_app"
  std::string task;       // id
  std::string container;  // id
  // From the engine's network namespace. Empty if the task is on internal networks only.
  std::string gateway;
  std::map<std::string, std::string> networks;  // name of the network -> address in it

  bool operator==(const Endpoint&) const = default;
};

// Where tasks reach the network namespace of the engine: on the bridge to which the engine connects
// every task that is not on internal networks only. The engine makes this bridge for its first
// task; this function makes it before.
base::Result<std::string> engine_address(const Api& api);

// The tasks that run, by service and then the newest first.
base::Result<std::vector<Endpoint>> find_endpoints(const Api& api, const std::string& stack);

}  // namespace ccci::engine
