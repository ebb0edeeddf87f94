// SPDX-License-Identifier: GPL-3.0-or-later
// The tiers of a run. Each does one thing to the deployment and judges what came of it.
#pragma once

#include "base/result.hpp"
#include "run/session.hpp"

namespace ccci::run {

// Reads the recipe's files and nothing else. [base.*] if the machine cannot read them.
base::Result<Outcome> lint(const Setup& setup, const Plan& plan, const Checkout& checkout);
base::Result<Outcome> install(Session& session);
// The same version again must change nothing.
base::Result<Outcome> redeploy(Session& session);
// Removes the stack, looks for what is left, and installs it again from nothing.
base::Result<Outcome> remove_and_install(Session& session);
// Removes the present stack, deploys the newest base that can be deployed, and upgrades it in place
// to the head.
base::Result<Outcome> upgrade(Session& session, const Checkout& checkout);
// The recipe's own tests and the checks of the declaration.
base::Result<Outcome> custom(Session& session, const Checkout& checkout);
// A picture of the front page. Returns why there is none; empty: PATH has it.
std::string take_screenshot(Session& session, const std::filesystem::path& path);

}  // namespace ccci::run
