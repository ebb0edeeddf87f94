// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an app may be tested through the Traefik of a shared engine. Others are served by it, so
// a test must not get one of their requests.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.hpp"
#include "engine/traefik.hpp"
#include "run/plan.hpp"

namespace ccci::run {

// Why it may not; empty: it may.
std::string objection(const engine::Traefik& traefik, const Deployable& app);

// The right to use the engine's Traefik, until the descriptor is closed; none: another test has it.
// Two tests of one recipe have the same names, so Traefik could not tell them apart.
base::Fd take_turn(const std::filesystem::path& state);

}  // namespace ccci::run
