// SPDX-License-Identifier: GPL-3.0-or-later
// Takes a run out of an engine that others use too: what has its labels, and nothing else.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/api.hpp"
#include "engine/tenant.hpp"

namespace ccci::engine {

// Removes services, containers, networks, secrets, configs, volumes and images of the tenant, and
// observes that they are gone. Returns what is left, each a phrase: "volume app_data: …". An image
// that something else uses by now stays, without being named.
std::vector<std::string> evict(const std::string& socket, const Tenant& tenant,
                               std::chrono::milliseconds deadline = std::chrono::seconds(60));

// The names of all runs of the lease that have something in the engine.
base::Result<std::set<std::string>> tenants(const Api& api, const std::string& lease);

}  // namespace ccci::engine
