// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.hpp"
#include "run/backups.hpp"
#include "run/session.hpp"
#include "run/tiers.hpp"

namespace ccci::run {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned lines_of_logs = 200;

struct Program {
  const char* path;
  const char* package;
};
constexpr std::array<Program, 2> programs{Program{"/usr/sbin/dockerd", "docker.io"},
                                          Program{"/usr/sbin/haproxy", "haproxy"}};

std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

// RFC 3339.
std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

class Execution {
 public:
  Execution(const Setup& setup, const Plan& plan, const Checkout& checkout,
            const RunRequest& request, Watcher& watcher, Mask& mask)
      : setup_(setup),
        plan_(plan),
        checkout_(checkout),
        request_(request),
        watcher_(watcher),
        mask_(mask),
        begin_(Clock::now()) {}

  Result run() {
    describe();
    if (const auto done = tiers(); !done) {
      result_.ending = Ending::failed;
      result_.error = done.error();
    }
    end();
    return std::move(result_);
  }

 private:
  Stop stopping() const {
    if (request_.asked_to_stop()) return Stop::asked;
    return Clock::now() - begin_ > plan_.deadline ? Stop::deadline : Stop::no;
  }

  void describe() {
    result_.recipe = plan_.recipe;
    result_.version = plan_.head.version;
    result_.commit = plan_.head.commit;
    result_.dirty = plan_.dirty;
    result_.environment = setup_.environment;
    result_.domain = plan_.domain;
    result_.started = utc_now();
    result_.screenshot = "the app was not installed";
    for (const TierPlan& tier : plan_.tiers) {
      Rung& rung = result_.rung(tier.name);
      rung.verdict = tier.decided.value_or(Verdict::unverified);
      rung.reason = tier.decided ? tier.reason : "not reached";
    }
  }

  // Runs one tier if the plan says so. A second call adds to its rung.
  template <typename Work>
  base::Result<void> tier(const char* name, const Work& work) {
    if (!plan_.runs(name)) return {};
    Rung& rung = result_.rung(name);
    const bool again = std::find(begun_.begin(), begun_.end(), name) != begun_.end();
    if (again && rung.verdict != Verdict::pass) return {};
    if (stopping() != Stop::no) {
      if (!again) rung.reason = "the run was stopped before";
      return {};
    }
    begun_.emplace_back(name);
    watcher_.begin(name);
    const auto begin = Clock::now();
    base::Result<Outcome> outcome = work();
    rung.time += since(begin);
    if (outcome && stopping() != Stop::no && outcome->verdict != Verdict::pass)
      *outcome = Outcome::unverified("the run was stopped");
    if (!outcome) {
      rung.verdict = Verdict::unverified;
      rung.reason = "cc-ci, the engine or the machine failed";
      watcher_.end(rung);
      return base::unexpected(std::move(outcome).error());
    }
    rung.verdict = outcome->verdict;
    rung.reason = mask_.masked(outcome->reason);
    rung.last_words = mask_.masked(outcome->last_words);
    watcher_.end(rung);
    if (outcome->verdict == Verdict::fail) take_logs();
    return {};
  }

  void not_installed() {
    for (Rung& rung : result_.rungs) {
      if (rung.reason == "not reached") rung.reason = "the app is not installed";
    }
  }

  bool needs_engine() const {
    return std::any_of(plan_.tiers.begin(), plan_.tiers.end(),
                       [](const TierPlan& tier) { return tier.name != "lint" && !tier.decided; });
  }

  base::Result<void> tiers() {
    CCCI_CHECK(tier("lint", [&]() -> base::Result<Outcome> { return lint(checkout_); }));
    if (!needs_engine()) return {};
    const auto begin = Clock::now();
    stopping_ = [this] { return stopping(); };
    CCCI_TRY(session_, Session::start(setup_, plan_, request_.name, watcher_, stopping_, mask_));
    result_.engine_start = since(begin);
    CCCI_TRY(const bool installed, install_head());
    if (!installed) {
      not_installed();
      return {};
    }
    result_.serving = since(begin_);
    return on_the_installed_app();
  }

  // Also if only later tiers were asked for.
  base::Result<bool> install_head() {
    if (plan_.runs("install")) {
      CCCI_CHECK(tier("install", [&] { return install(*session_); }));
      const Rung& rung = result_.rung("install");
      return rung.verdict != Verdict::fail && stopping() == Stop::no;
    }
    CCCI_TRY(const Outcome outcome, install(*session_));
    if (outcome.verdict == Verdict::fail) session_->note("not installed: " + outcome.reason);
    return outcome.verdict != Verdict::fail;
  }

  base::Result<void> on_the_installed_app() {
    CCCI_CHECK(tier("redeploy", [&] { return redeploy(*session_); }));
    CCCI_CHECK(tier("custom", [&] { return custom(*session_, checkout_); }));
    if (!request_.out.empty())
      result_.screenshot = take_screenshot(*session_, request_.out / "screenshot.png");
    Backups backups(*session_, plan_.head);
    CCCI_CHECK(tier("backup", [&] { return backups.back_up(); }));
    const bool backed_up = result_.rung("backup").verdict == Verdict::pass;
    if (plan_.runs("restore") && !backed_up) {
      result_.rung("restore").reason = "there is no backup to restore";
    } else {
      CCCI_CHECK(tier("restore", [&]() -> base::Result<Outcome> {
        if (auto changed = backups.change(); !changed)
          return base::unexpected(std::move(changed).error());
        return backups.restore();
      }));
    }
    CCCI_CHECK(tier("remove", [&] { return remove_and_install(*session_); }));
    if (backed_up && result_.rung("remove").verdict == Verdict::pass) {
      CCCI_CHECK(tier("restore", [&]() -> base::Result<Outcome> {
        CCCI_TRY(Outcome outcome, backups.restore());
        if (!outcome.good()) {
          outcome.reason = "into a fresh deployment: " + outcome.reason;
          return outcome;
        }
        return backups.dump_again();
      }));
    }
    return tier("upgrade", [&] { return upgrade(*session_, checkout_); });
  }

  // The services' own last words, once.
  void take_logs() {
    if (!session_ || !result_.logs.empty()) return;
    for (const recipe::Service& service : plan_.head.app.composed.stack.services) {
      const auto logs = engine::service_logs(session_->api(), service.name, lines_of_logs);
      if (logs) result_.logs[service.name] = mask_.masked(logs->out + logs->err);
    }
  }

  void end() {
    const Stop why = stopping();
    if (result_.ending == Ending::complete && why != Stop::no)
      result_.ending = why == Stop::asked ? Ending::stopped : Ending::deadline;
    if (!session_) {
      result_.clean_teardown = true;
    } else {
      result_.deviations = session_->deviations();
      result_.notes = session_->notes();
      const bool red = red_rung();
      if (red && setup_.pause && request_.pause)
        request_.pause(result_, session_->engine().place() / "docker.sock");
      if (red && setup_.keep && session_->engine().keep()) {
        result_.kept = request_.name;
      } else {
        tear_down();
      }
    }
    result_.time = since(begin_);
  }

  bool red_rung() const {
    return std::any_of(result_.rungs.begin(), result_.rungs.end(),
                       [](const Rung& rung) { return rung.verdict == Verdict::fail; });
  }

  void tear_down() {
    const engine::Teardown gone = session_->engine().stop();
    result_.left = gone.left;
    result_.clean_teardown = gone.left.empty();
    result_.peak_memory = gone.peak_of_containers;
    result_.teardown = gone.time;
  }

  const Setup& setup_;
  const Plan& plan_;
  const Checkout& checkout_;
  const RunRequest& request_;
  Watcher& watcher_;
  Mask& mask_;
  Clock::time_point begin_;
  Stopping stopping_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> begun_;
  Result result_;
};

}  // namespace

base::Result<Result> execute(const Setup& setup, const Plan& plan, const Checkout& checkout,
                             const RunRequest& request, Watcher& watcher, Mask& mask) {
  for (const Program& program : programs) {
    if (!setup.has(program.path)) {
      return base::unexpected(base::fail("run.no-program")
                                  .with("program", program.path)
                                  .with("package", program.package));
    }
  }
  return Execution(setup, plan, checkout, request, watcher, mask).run();
}

base::Result<std::vector<std::string>> reap_dead_runs(const Setup& setup) {
  std::vector<std::string> lines;
  if (geteuid() != 0) return lines;
  engine::Records records(setup.engines());
  CCCI_TRY(const std::vector<engine::Reaped> reaped, engine::reap(records));
  for (const engine::Reaped& one : reaped) {
    lines.push_back(one.left.empty() ? "ended the engine of a killed run: " + one.name
                                     : "an engine of a killed run cannot be removed: " + one.name +
                                           ": " + base::join(one.left, ", "));
  }
  return lines;
}

}  // namespace ccci::run
