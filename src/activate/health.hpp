// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the health of a generation: its timers, the runners that ran before, and the units and
// commands in the declaration's [health]. The judging functions are pure. The waiting functions get
// the time as an argument.
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

// A reason why the host is not healthy, or not yet.
struct Complaint {
  std::string subject;  // "docker.service", "command 'docker info'"
  std::string found;    // "failed: exit-code 1"
  std::string output;   // of a command

  bool operator==(const Complaint&) const = default;
};

// Watches one unit during one health check. A service must stay active without a restart for the
// settling period. A service that has run since before the switch needs no settling period.
class UnitWatch {
 public:
  enum class State { good, waiting, bad };

  // `before` is its invocation before the switch; empty if unknown.
  UnitWatch(std::string name, std::string before, base::Clock::Time start,
            std::chrono::milliseconds settling)
      : name_(std::move(name)), before_(std::move(before)), since_(start), settling_(settling) {}

  // `bad` is final: waiting cannot make it good. found() describes the last state seen.
  State see(const UnitState& unit, base::Clock::Time now);
  const std::string& name() const { return name_; }
  const std::string& found() const { return found_; }

 private:
  State judge(const UnitState& unit, base::Clock::Time now);
  bool another_piece(const UnitState& unit);

  std::string name_;
  std::string before_;
  base::Clock::Time since_;  // active without a restart since then
  std::chrono::milliseconds settling_;
  std::optional<UnitState> last_;
  unsigned starts_ = 0;  // further starts that were seen
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
  std::vector<std::vector<std::string>> commands;  // argv[0] without a slash: first from `bin`
  std::map<std::string, std::string> invocations;  // those before the switch, by unit
  // Runners that were restarted to run in an environment: unit to hash. A daemon that does not run
  // in that environment is not healthy, even if it runs well.
  std::map<std::string, std::string> attached;
  std::function<std::optional<std::string>(int)> environment_of = [](int pid) {
    return environment_of_process(pid);
  };
  std::filesystem::path bin;
  std::chrono::milliseconds deadline{60000};
  std::chrono::milliseconds settling{5000};
};

HealthQuestion question(const Generation& generation, const Plan& plan, const Observed& observed);

// Empty: healthy. Ends at the first complaint that waiting cannot fix, at the latest at the
// deadline. [activate.systemctl]
base::Result<std::vector<Complaint>> check_health(const Edges& edges,
                                                  const HealthQuestion& question);

}  // namespace ccci::activate
