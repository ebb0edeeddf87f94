// SPDX-License-Identifier: GPL-3.0-or-later
// The deployments that tests have left for a look: what is noted of them, listing and removing
// them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/remains.hpp"
#include "job/caller.hpp"
#include "run/setup.hpp"
#include "run/verdict.hpp"

namespace ccci::job {

// The command that talks to the engine at this address, for a shell. A private engine has the
// client of its environment.
std::string docker_command(const run::Setup& setup, const std::string& engine);

// Notes what the kept deployment of this result is. The deployment is kept and its verdict stands,
// whatever becomes of the note: a failure is a warning.
void note_kept(engine::Records& records, const run::Result& result,
               const std::filesystem::path& out, const std::string& docker, const Caller& caller);

// The deployments that are kept. [base.*]
base::Result<std::vector<engine::Kept>> kept_deployments(const Caller& caller);
// Names each in a warning.
void warn_of_kept(const Caller& caller);

// Removes the kept deployment of this name. [engine.*]
base::Result<engine::Reaped> remove_kept(const std::string& name, const Caller& caller);

}  // namespace ccci::job
