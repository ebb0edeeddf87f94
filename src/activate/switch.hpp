// SPDX-License-Identifier: GPL-3.0-or-later
// Switches a host from one generation to another, and back if the new one is not healthy.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activate/apply.hpp"
#include "activate/health.hpp"
#include "activate/switch_request.hpp"
#include "activate/system_object.hpp"
#include "base/fd.hpp"

namespace ccci::activate {

// The number of generations that are kept by default. Besides the current and the confirmed one,
// the newest others are kept for rollbacks. More would fill the disk and the store.
inline constexpr std::size_t kept_generations = 20;

class Switcher {
 public:
  Switcher(Layout layout, Edges edges, base::Disk& disk = base::real_disk())
      : generations_(std::move(layout), disk), edges_(std::move(edges)), disk_(disk) {}

  const Generations& generations() const { return generations_; }

  // Checks that we are root and that systemd runs the host. `command` is the command that was
  // typed, for the hint. [activate.not-root], [activate.no-systemd]
  base::Result<void> check_host(std::string_view command = "switch") const;
  // Until the result is destroyed, no other switch and no witness can run. [activate.busy]
  base::Result<base::Fd> lock() const;

  // Verifies, plans, applies, and checks health. If the host is not healthy, goes back by itself
  // and returns [activate.unhealthy] with the path of the evidence. [activate.undone] if an
  // operation failed, [activate.stranded] if going back failed too. Before anything is changed:
  // [activate.jobs] if runners are at work, [activate.own-runner] if a job of such a runner asked
  // for the switch, [activate.schedule] if a timer can never run on this host, and the errors of
  // requirements.hpp.
  base::Result<Switched> switch_to(store::Store& store, const SwitchRequest& request);

  // Goes to an existing generation, or to none (0). Needs no network, no lock file and no free disk
  // space. Like a switch, refuses what would not start or cannot be written, but to none always
  // restarts. If the target is not healthy, goes back to the one before, but never back from none:
  // [activate.unhealthy].
  base::Result<Switched> roll_back(const RollbackRequest& request);
  // The last healthy generation before the current one; 0: none. [activate.nothing]
  base::Result<std::uint64_t> previous() const;

 private:
  struct Target {
    Generation generation;
    std::map<std::string, std::string> texts;
    bool published = false;
  };

  base::Result<Target> target(const store::Store& store, const SwitchRequest& request,
                              const Generation& before) const;
  // Plans, and waits for the jobs that the plan would kill. What was observed may be old after
  // that, so it observes and plans again.
  base::Result<Plan> plan_in_peace(const Generation& before, const Target& target, Jobs jobs,
                                   std::chrono::seconds limit, bool dry_run, Observed& observed);
  base::Result<void> require_possible(const Plan& plan, const Generation& before,
                                      const Generation& after, const Observed& observed) const;
  base::Result<void> root(store::Store& store, const Target& target) const;
  base::Result<Switched> activate_target(const Target& target, const Generation& before,
                                         Switched done, const Observed& observed);
  base::Result<std::vector<Complaint>> apply_and_check(
      const Target& target, const Observed& observed, const Plan& plan, std::string& refusals,
      std::optional<std::chrono::seconds> deadline);
  base::Result<std::vector<Complaint>> restore(const Generation& before, const Generation& failed);
  base::Error undo(base::Error reason, const Generation& failed, const Generation& before);
  base::Error unhealthy(const std::vector<Complaint>& complaints, const Generation& generation,
                        const std::string& refusals) const;

  Generations generations_;
  Edges edges_;
  base::Disk& disk_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  std::optional<std::chrono::seconds> deadline_;
  std::function<bool()> confirmed_;
};

}  // namespace ccci::activate
