// SPDX-License-Identifier: GPL-3.0-or-later
// The switch of a host to a system that it received. It waits for a confirmation. Without one it
// restores the old generation.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "activate/switch.hpp"
#include "base/process.hpp"
#include "base/result.hpp"
#include "deploy/confirmation.hpp"
#include "store/store.hpp"

namespace ccci::deploy {

struct ReceivedSwitch {
  std::string token;
  std::string host;     // the host's name, for the journal
  std::string system;   // the name of the system's directory in the store
  std::string project;  // working directory of the timers' jobs
  activate::Origin origin;
  std::chrono::seconds deadline{60};  // for the health checks, and again for the confirmation
  activate::Jobs jobs = activate::Jobs::wait;
  std::chrono::seconds jobs_limit{600};
};

// The outcome to record for the sender. If a switch was undone because nobody confirmed it, the
// missing confirmation is the recorded error, not the rollback.
Outcome outcome_of(const base::Result<activate::Switched>& switched);

// The last check before anything is changed: doctor's, a room above this one.
using Inspect = std::function<base::Result<void>(const store::Store&,
                                                 const std::vector<std::string>& restarted)>;

// Switches, and records the outcome under the token, also if the switch fails. [deploy.token],
// [store.unknown], [activate.*], and the errors of `inspect`.
base::Result<void> switch_to(activate::Switcher& switcher, const activate::Edges& edges,
                             const std::filesystem::path& state, const ReceivedSwitch& received,
                             const Inspect& inspect = {});

// Starts switch_to() in a systemd unit of its own, because the connection may end before the switch
// does. cc-ci calls systemd-run itself, so a sudo rule for cc-ci alone is enough. Returns the exit
// status of systemd-run. [deploy.token], [base.*]
base::Result<int> start_switch(const activate::Layout& layout, base::ProcessRunner& processes,
                               const std::filesystem::path& state, const ReceivedSwitch& received);

}  // namespace ccci::deploy
