// SPDX-License-Identifier: GPL-3.0-or-later
// Taking a host from one generation to another, or back where the other one is not healthy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "activate/apply.hpp"
#include "activate/health.hpp"
#include "activate/system_object.hpp"
#include "base/fd.hpp"

namespace ccci::activate {

// What a generation was made from.
struct Origin {
  std::string commit;
  bool dirty = false;
};

// Told before anything is changed, and with a dry run instead of it.
using Announce = std::function<void(const Plan&, const Generation& after)>;

struct SwitchRequest {
  store::Address system;
  std::string project;             // empty: that of the current generation
  std::function<Origin()> origin;  // asked only where there will be a new generation
  Announce announce;
  bool dry_run = false;
  std::optional<std::chrono::seconds> deadline;  // instead of the generation's own
  // Asked once the host is healthy: whether that is so from elsewhere too. It may take its time;
  // where it says no, the host goes back [activate.unconfirmed]. Empty: not asked.
  std::function<bool()> confirmed;
};

struct RollbackRequest {
  std::uint64_t number = 0;  // 0: to nothing
  Announce announce;
  bool dry_run = false;
  std::optional<std::chrono::seconds> deadline;
};

struct Switched {
  Generation before;
  Generation after;
  Plan plan;                          // empty: nothing was to be done
  std::optional<base::Error> untidy;  // why old generations could not be removed
};

// Generations that are kept without being asked for: beside the current and the confirmed one the
// newest of the others go on serving rollbacks, and the rest would fill disk and store.
inline constexpr std::size_t kept_generations = 20;

class Switcher {
 public:
  Switcher(Layout layout, Edges edges, base::Disk& disk = base::real_disk())
      : generations_(std::move(layout), disk), edges_(std::move(edges)), disk_(disk) {}

  const Generations& generations() const { return generations_; }

  // Root, and systemd is what runs the host. `command` is what was typed, for the hint.
  // [activate.not-root], [activate.no-systemd]
  base::Result<void> check_host(std::string_view command = "switch") const;
  // No other switch and no witness may run until the result is dropped. [activate.busy]
  base::Result<base::Fd> lock() const;

  // Verifies, plans, acts, asks health; goes back by itself where that is not good.
  // [activate.unhealthy] is the verdict then, with where the evidence lies; [activate.undone] where
  // an operation failed; [activate.stranded] where going back failed too.
  base::Result<Switched> switch_to(store::Store& store, const SwitchRequest& request);

  // To a generation that is there, or to nothing (0). Needs neither network nor lock file, nor room
  // on the disk. Does not go back again where the target is unhealthy: [activate.unhealthy].
  base::Result<Switched> roll_back(const RollbackRequest& request);
  // The one before the current, by number; 0 where there is none. [activate.nothing] where
  // nothing is current
  base::Result<std::uint64_t> previous() const;

 private:
  struct Target {
    Generation generation;
    std::map<std::string, std::string> texts;
    bool published = false;
  };

  base::Result<Target> target(const store::Store& store, const SwitchRequest& request,
                              const Generation& before) const;
  base::Result<void> root(store::Store& store, const Target& target) const;
  base::Result<Switched> go(const Target& target, const Generation& before, Switched done,
                            const Observed& observed);
  base::Result<std::vector<Complaint>> act(const Target& target, const Observed& observed,
                                           const Plan& plan, std::string& refusals,
                                           std::optional<std::chrono::seconds> deadline);
  base::Result<std::vector<Complaint>> return_to(const Generation& before,
                                                 const Generation& failed);
  base::Error go_back(base::Error reason, const Generation& failed, const Generation& before);
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
