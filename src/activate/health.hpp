// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what a generation promises holds: its timers, the runners that ran before, and what the
// declaration's [health] names. What judges is pure; what waits is given the time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "activate/generation.hpp"
#include "activate/plan.hpp"
#include "activate/systemd.hpp"
#include "base/clock.hpp"
#include "base/process.hpp"
#include "base/progress.hpp"

namespace ccci::activate {

// Why it is not healthy, or not yet.
struct Complaint {
  std::string subject;  // "docker.service", "command 'docker info'"
  std::string found;    // "failed: exit-code 1"
  std::string output;   // of a command

  bool operator==(const Complaint&) const = default;
};

// One unit over the time of one check. A service must stay active in one piece for as long as the
// settling period; one that was running untouched since before needs none.
class UnitWatch {
 public:
  enum class State { good, waiting, bad };

  // `before`: its invocation before the switch; empty: unknown.
  UnitWatch(std::string name, std::string before, base::Clock::Time start,
            std::chrono::milliseconds settling)
      : name_(std::move(name)), before_(std::move(before)), since_(start), settling_(settling) {}

  // `bad` is final: no waiting makes it good. `found()` says in words what was seen last.
  State see(const UnitState& unit, base::Clock::Time now);
  const std::string& name() const { return name_; }
  const std::string& found() const { return found_; }

 private:
  State judge(const UnitState& unit, base::Clock::Time now);
  bool another_piece(const UnitState& unit);

  std::string name_;
  std::string before_;
  base::Clock::Time since_;  // active in one piece since then
  std::chrono::milliseconds settling_;
  std::optional<UnitState> last_;
  unsigned starts_ = 0;  // seen besides the first
  bool was_active_ = false;
  std::string found_ = "not looked at in time";
};

struct Edges {
  Systemd& systemd;
  base::ProcessRunner& processes;
  base::Clock& clock;
  std::function<void(std::chrono::milliseconds)> pause;
  base::Progress& progress;
  std::function<bool()> interrupted = [] { return false; };
};
Edges real_edges(Systemd& systemd, base::Progress& progress);

struct HealthQuestion {
  std::vector<std::string> units;
  std::vector<std::vector<std::string>> commands;  // argv[0] without a slash: first of `bin`
  std::map<std::string, std::string> invocations;  // before the switch, by unit
  // Runners that were restarted to live in an environment, by unit: its hash. A daemon that does
  // not live there is not what was switched to, however well it runs.
  std::map<std::string, std::string> attached;
  std::function<std::optional<std::string>(int)> environment_of = [](int pid) {
    return environment_of_process(pid);
  };
  std::filesystem::path bin;
  std::chrono::milliseconds deadline{60000};
  std::chrono::milliseconds settling{5000};
};

HealthQuestion question(const Generation& generation, const Plan& plan, const Observed& observed);

// Empty: healthy. Ends at the first thing that no waiting can make good, at the latest at the
// deadline. [activate.systemctl]
base::Result<std::vector<Complaint>> check_health(const Edges& edges,
                                                  const HealthQuestion& question);

}  // namespace ccci::activate
