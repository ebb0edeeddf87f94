// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a switch or a rollback, and what it has done.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activate/generation.hpp"
#include "activate/plan.hpp"
#include "base/result.hpp"
#include "store/address.hpp"

namespace ccci::activate {

// Called before anything is changed. A dry run ends after this call.
using Announce = std::function<void(const Plan&, const Generation& after)>;

// What happens if a runner that must restart is working on jobs.
enum class Jobs : unsigned char { wait, refuse, kill };
std::string_view name(Jobs jobs);  // as --jobs spells it
std::optional<Jobs> jobs_named(std::string_view name);

struct SwitchRequest {
  store::Address system;
  std::string project;             // empty: the one of the current generation
  std::function<Origin()> origin;  // called only for a new generation
  Announce announce;
  // Before anything is changed, also if `dry_run`. Gets the units that the switch restarts.
  std::function<base::Result<void>(const std::vector<std::string>& restarted)> inspect = {};
  bool dry_run = false;
  Jobs jobs = Jobs::wait;
  std::chrono::seconds jobs_limit{3600};         // for Jobs::wait; then as Jobs::refuse
  std::optional<std::chrono::seconds> deadline;  // replaces the generation's own
  // Asks whether a healthy host is also healthy as seen from elsewhere. It may take time. If it
  // returns false, the host goes back [activate.unconfirmed]. May be empty.
  std::function<bool()> confirmed;
};

struct RollbackRequest {
  std::uint64_t number = 0;  // 0: to no generation
  Announce announce;
  bool dry_run = false;
  Jobs jobs = Jobs::kill;  // a person who goes back is in a hurry
  std::chrono::seconds jobs_limit{3600};
  std::optional<std::chrono::seconds> deadline;
};

struct Switched {
  Generation before;
  Generation after;
  Plan plan;                          // empty: there was nothing to do
  std::optional<base::Error> untidy;  // why old generations could not be removed
};

}  // namespace ccci::activate
