// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/health.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <thread>

#include "activate/layout.hpp"
#include "activate/runner_jobs.hpp"
#include "base/text.hpp"
#include "declare/span.hpp"

namespace ccci::activate {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{200};
constexpr milliseconds between_commands{1000};
constexpr milliseconds longest_command{30000};
constexpr unsigned most_starts = 3;  // more than this is flapping
constexpr std::uint64_t largest_output = 1U << 20U;

bool never_loads(const UnitState& unit) { return unit.load != "loaded"; }

std::string why_not_loaded(const UnitState& unit) {
  if (unit.load == "not-found") return "not found";
  if (unit.load == "masked") return "masked";
  const std::string reason = unit.load_error.empty() ? std::string() : ": " + unit.load_error;
  return unit.load + reason;
}

std::string why_failed(const UnitState& unit) {
  std::string text = "failed";
  if (!unit.result.empty() && unit.result != "success") text += ": " + unit.result;
  if (unit.exit_status != 0) text += ", status " + std::to_string(unit.exit_status);
  return text;
}

// systemd.exec(5), "Process Exit Codes": systemd itself could not start the program, and a further
// try would find the same.
std::string why_not_started(int status) {
  struct Code {
    int status;
    const char* name;
    const char* meaning;
  };
  static constexpr std::array codes{
      Code{200, "CHDIR", "its working directory cannot be entered"},
      Code{203, "EXEC", "its program cannot be executed"},
      Code{208, "STDIN", "its standard input cannot be opened"},
      Code{209, "STDOUT", "its standard output cannot be opened"},
      Code{216, "GROUP", "its group does not exist"},
      Code{217, "USER", "its user does not exist"},
      Code{226, "NAMESPACE", "its mounts cannot be made"},
      Code{238, "STATE_DIRECTORY", "its state directory cannot be made"},
  };
  for (const Code& code : codes) {
    if (code.status != status) continue;
    return std::string(code.meaning) + " (" + std::to_string(status) + "/" + code.name + ")";
  }
  return {};
}

milliseconds left(base::Clock& clock, base::Clock::Time end) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(end - clock.now()));
}

}  // namespace

// Whether the unit stopped and started again between two looks.
bool UnitWatch::another_piece(const UnitState& unit) {
  const bool other_process =
      last_->main_pid != unit.main_pid && last_->main_pid != 0 && unit.main_pid != 0;
  return last_->invocation != unit.invocation || last_->restarts != unit.restarts || other_process;
}

UnitWatch::State UnitWatch::judge(const UnitState& unit, base::Clock::Time now) {
  if (never_loads(unit)) {
    found_ = why_not_loaded(unit);
    return State::bad;
  }
  if (last_ && another_piece(unit)) {
    since_ = now;
    // A change of the main process may be a daemon that forks. Automatic restarts by systemd are
    // certain.
    const unsigned by_systemd =
        unit.restarts > last_->restarts ? unit.restarts - last_->restarts : 0;
    starts_ += std::max(1U, by_systemd);
  }
  if (starts_ > most_starts) {
    found_ = "flapping: started " + base::counted(starts_ + 1, "time");
    return State::bad;
  }
  if (unit.active == "failed") {
    found_ = why_failed(unit);
    return State::bad;
  }
  if (const std::string why = why_not_started(unit.exit_status);
      unit.sub == "auto-restart" && !why.empty()) {
    found_ = "cannot start: " + why;
    return State::bad;
  }
  if (unit.active != "active" && unit.active != "reloading") {
    was_active_ = false;
    found_ = unit.active + " (" + unit.sub + ")";
    if (starts_ > 0) found_ += ", started " + base::counted(starts_ + 1, "time");
    return State::waiting;
  }
  if (!was_active_) since_ = now;
  was_active_ = true;
  const bool untouched = !before_.empty() && before_ == unit.invocation;
  // A timer, socket or target has no process that could end.
  const bool settles = unit.name.ends_with(".service") && !untouched && unit.sub != "exited";
  if (settles && now - since_ < settling_) {
    found_ = "active for less than " +
             base::human_seconds(std::chrono::duration<double>(settling_).count());
    return State::waiting;
  }
  return State::good;
}

UnitWatch::State UnitWatch::see(const UnitState& unit, base::Clock::Time now) {
  const State state = judge(unit, now);
  last_ = unit;
  return state;
}

Edges real_edges(Systemd& systemd, base::Progress& progress) {
  return {.systemd = systemd,
          .processes = base::real_processes(),
          .clock = base::real_clock(),
          .pause = [](milliseconds time) { std::this_thread::sleep_for(time); },
          .progress = progress};
}

HealthQuestion question(const Generation& generation, const Plan& plan, const Observed& observed) {
  HealthQuestion asked;
  std::set<std::string> units(plan.required.begin(), plan.required.end());
  for (const std::string& timer : timers_of(generation)) units.insert(timer);
  units.insert(generation.health.units.begin(), generation.health.units.end());
  asked.units.assign(units.begin(), units.end());
  asked.commands = generation.health.commands;
  asked.deadline = generation.health.deadline;
  for (const auto& [name, state] : observed.units) asked.invocations[name] = state.invocation;
  // Its restart may not have begun at the first look. Then the active invocation is the old one.
  for (const Operation& operation : plan.operations) {
    if (operation.act != Operation::Act::restart) continue;
    for (const std::string& unit : operation.units) {
      asked.invocations.erase(unit);
      const auto attached = generation.attached.find(unit);
      if (attached != generation.attached.end()) asked.attached.insert(*attached);
    }
  }
  asked.bin = std::filesystem::path(generation.system_path) / "bin";
  return asked;
}

namespace {

class Check {
 public:
  Check(const Edges& edges, const HealthQuestion& question)
      : edges_(edges), asked_(question), end_(edges.clock.now() + question.deadline) {
    // If the deadline ended the settling period, every restart would be a failure.
    const milliseconds settling = std::min(question.settling, question.deadline / 2);
    for (const std::string& unit : question.units) {
      const auto before = question.invocations.find(unit);
      watches_.emplace_back(unit, before == question.invocations.end() ? "" : before->second,
                            edges.clock.now(), settling);
    }
    failing_.resize(question.commands.size());
    for (auto& failing : failing_) failing = Complaint{};
  }

  base::Result<std::vector<Complaint>> run() {
    for (;;) {
      CCCI_TRY(const UnitWatch::State units, look());
      if (units == UnitWatch::State::bad) return complaints_;
      const bool answered = units == UnitWatch::State::good && run_commands();
      if (answered) return std::vector<Complaint>{};
      const milliseconds rest = left(edges_.clock, end_);
      if (rest.count() == 0 || edges_.interrupted()) return at_the_end();
      const bool commands = units == UnitWatch::State::good;
      edges_.pause(std::min(rest, commands ? between_commands : between_looks));
    }
  }

 private:
  // A service may take as long for its stop as its unit says: a runner ends its job. Until then
  // the deadline has not begun.
  void wait_for_stop(const UnitState& unit, base::Clock::Time now) {
    if (unit.active != "deactivating") return;
    const base::Clock::Time since = stopping_since_.try_emplace(unit.name, now).first->second;
    const auto limit = declare::time_span(unit.stop_limit);
    const bool endless = unit.stop_limit == "infinity";
    if (endless || (limit && now - since <= *limit)) {
      end_ = std::max(end_, now + asked_.deadline);
    }
  }

  base::Result<UnitWatch::State> look() {
    complaints_.clear();
    CCCI_TRY(const std::vector<UnitState> states, edges_.systemd.show(asked_.units));
    const base::Clock::Time now = edges_.clock.now();
    auto worst = UnitWatch::State::good;
    std::vector<Complaint> waiting;
    for (std::size_t i = 0; i < states.size(); ++i) {
      UnitWatch::State state = watches_[i].see(states[i], now);
      wait_for_stop(states[i], now);
      Complaint complaint{watches_[i].name(), watches_[i].found(), {}};
      if (states[i].active == "deactivating") complaint.found += still_running(states[i]);
      if (state == UnitWatch::State::good) {
        complaint.found = outside(states[i]);
        if (!complaint.found.empty()) state = UnitWatch::State::bad;
      }
      worst = std::max(worst, state);
      if (state == UnitWatch::State::bad) complaints_.push_back(complaint);
      if (state == UnitWatch::State::waiting) waiting.push_back(complaint);
    }
    if (worst == UnitWatch::State::waiting) complaints_ = waiting;
    return worst;
  }

  // Where the daemon runs, if not in its environment. The settling period gives it time to get
  // there.
  std::string outside(const UnitState& unit) const {
    const auto expected = asked_.attached.find(unit.name);
    if (expected == asked_.attached.end() || unit.main_pid <= 0) return {};
    const auto found = asked_.environment_of(unit.main_pid);
    if (!found || *found == expected->second) return {};
    return "its process " + std::to_string(unit.main_pid) + " lives in " + home_of(*found) +
           ", expected " + home_of(expected->second) + "; cc-ci doctor says why";
  }

  // A command that succeeded once is not run again.
  bool run_commands() {
    bool all = true;
    for (std::size_t i = 0; i < asked_.commands.size(); ++i) {
      if (failing_[i]) failing_[i] = run_command(asked_.commands[i]);
      all = all && !failing_[i];
    }
    return all;
  }

  std::optional<Complaint> run_command(const std::vector<std::string>& words) {
    Complaint complaint{"command '" + base::join(words, " ") + "'", {}, {}};
    base::Command command;
    command.argv = words;
    std::error_code error;
    const bool plain = words.front().find('/') == std::string::npos;
    if (plain && std::filesystem::exists(asked_.bin / words.front(), error)) {
      command.argv.front() = (asked_.bin / words.front()).native();
    }
    // The last try may begin at the deadline and still gets some time.
    command.time_limit = std::clamp(left(edges_.clock, end_), between_commands, longest_command);
    command.output_limit = largest_output;
    const auto outcome = edges_.processes.run(command);
    if (!outcome) {
      complaint.found = "cannot be run: " + std::string(outcome.error().field("cause"));
      return complaint;
    }
    if (outcome->status == 0 && !outcome->timed_out) return std::nullopt;
    complaint.found =
        outcome->timed_out ? "no answer in time" : "status " + std::to_string(outcome->status);
    complaint.output = outcome->out + outcome->err;
    return complaint;
  }

  std::vector<Complaint> at_the_end() {
    for (const auto& failing : failing_) {
      if (failing && !failing->subject.empty()) complaints_.push_back(*failing);
    }
    if (complaints_.empty()) complaints_.push_back({"health", "interrupted", {}});
    return complaints_;
  }

  const Edges& edges_;
  const HealthQuestion& asked_;
  base::Clock::Time end_;
  std::vector<UnitWatch> watches_;
  std::map<std::string, base::Clock::Time> stopping_since_;
  std::vector<std::optional<Complaint>> failing_;  // one for each command; empty: not tried yet
  std::vector<Complaint> complaints_;
};

}  // namespace

base::Result<std::vector<Complaint>> check_health(const Edges& edges,
                                                  const HealthQuestion& question) {
  edges.progress.begin("checking health", 0, base::Progress::Unit::things);
  auto complaints = Check(edges, question).run();
  edges.progress.end();
  return complaints;
}

}  // namespace ccci::activate
