// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/date.hpp"
#include "base/text.hpp"
#include "run/backups.hpp"
#include "run/disk_reserve.hpp"
#include "run/session.hpp"
#include "run/tiers.hpp"

namespace ccci::run {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned lines_of_logs = 200;
constexpr std::chrono::seconds longest_logs{20};

struct Program {
  const char* path;
  const char* package;
};
constexpr const char* engine_program = "/usr/sbin/dockerd";
constexpr std::array<Program, 2> programs{Program{engine_program, "docker.io"},
                                          Program{"/usr/sbin/haproxy", "haproxy"}};

std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

constexpr std::size_t longest_reason = 1000;
constexpr std::size_t longest_line = 300;
constexpr std::size_t most_last_lines = 30;

// Services choose what they say, and how much. What is cut is masked before.
std::string shortened(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + " …";
}

std::string last_lines(const std::string& text) {
  std::vector<std::string_view> lines = base::split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  const std::size_t first = lines.size() > most_last_lines ? lines.size() - most_last_lines : 0;
  std::string out;
  for (std::size_t i = first; i < lines.size(); ++i)
    out += shortened(std::string(lines[i]), longest_line) + "\n";
  return out;
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
        disk_(setup.state),
        begin_(Clock::now()) {}

  Result run() {
    describe();
    const auto done = tiers();
    // What was interrupted says nothing: end() knows why the run was stopped.
    if (!done && (!done.error().is(base::Condition::interrupted) || stopping() == Stop::no)) {
      result_.ending = Ending::failed;
      result_.error = done.error();
    }
    end();
    return std::move(result_);
  }

 private:
  Stop stopping() {
    if (request_.asked_to_stop()) return Stop::asked;
    if (disk_.nearly_full() || (engine_disk_ && engine_disk_->nearly_full()))
      return Stop::disk_full;
    return Clock::now() - begin_ > plan_.deadline ? Stop::deadline : Stop::no;
  }

  void describe() {
    result_.recipe = plan_.recipe;
    result_.version = plan_.head.version;
    result_.commit = plan_.head.commit;
    result_.dirty = plan_.dirty;
    result_.release = !plan_.head.commit.empty() && !plan_.head.chaos;
    result_.environment = setup_.environment;
    result_.domain = plan_.domain;
    if (!setup_.engine.empty()) result_.engine = "unix://" + setup_.engine;
    result_.started = base::rfc3339(std::chrono::system_clock::now());
    result_.screenshot = "the app was not installed";
    result_.release_notes = plan_.release_notes;
    for (const Plan& other : plan_.dependencies)
      result_.dependencies.push_back(other.recipe +
                                     (other.head.version.empty() ? "" : " " + other.head.version));
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
    const bool again = was_begun(name);
    if (again && rung.verdict != Verdict::pass) return {};
    if (stopping() != Stop::no) {
      if (!again) rung.reason = "the run was stopped before";
      return {};
    }
    begun_.emplace_back(name);
    watcher_.begin(name);
    const auto begin = Clock::now();
    base::Result<Outcome> outcome = work();
    if (outcome && outcome->verdict != Verdict::fail && session_) look_after(outcome);
    outcome = judged(std::move(outcome));
    rung.time += since(begin);
    if (outcome && stopping() != Stop::no && outcome->verdict != Verdict::pass)
      *outcome = Outcome::unverified("the run was stopped");
    if (!outcome && outcome.error().is(base::Condition::interrupted) && stopping() != Stop::no)
      outcome = Outcome::unverified("the run was stopped");
    if (!outcome) {
      rung.verdict = Verdict::unverified;
      rung.reason = "cc-ci, the engine or the machine failed";
      watcher_.end(rung);
      return base::unexpected(std::move(outcome).error());
    }
    take(*outcome, rung);
    watcher_.end(rung);
    return {};
  }

  // Nothing is put down to the recipe before the engine is known to be well.
  base::Result<Outcome> judged(base::Result<Outcome> outcome) {
    if (!outcome || outcome->good() || !session_ || stopping() != Stop::no) return outcome;
    CCCI_CHECK(session_->engine().check());
    return outcome;
  }

  void take(const Outcome& outcome, Rung& rung) {
    rung.verdict = outcome.verdict;
    rung.reason = shortened(mask_.masked(outcome.reason), longest_reason);
    rung.last_words = last_lines(mask_.masked(outcome.last_words));
    measure();
    if (outcome.verdict == Verdict::fail) take_logs();
  }

  // A service that fails while something else is tested makes that tier red.
  void look_after(base::Result<Outcome>& outcome) {
    base::Result<Outcome> after = session_->look_after(plan_.head);
    if (!after || !after->good()) outcome = std::move(after);
  }

  base::Result<Outcome> install_and_note() {
    CCCI_TRY(Outcome outcome, install(*session_));
    if (outcome.verdict != Verdict::fail) note_serving();
    return outcome;
  }

  void note_serving() {
    if (const auto served = session_->served())
      result_.serving = std::chrono::duration_cast<std::chrono::milliseconds>(*served - begin_);
  }

  // The time of the other tiers counts, so it comes after them. What it finds is a failure of the
  // installed app, whatever was tested last. False: the app does not stay.
  base::Result<bool> stays() {
    if (!plan_.runs("install") || !Session::is_to_be_watched(plan_.head) || stopping() != Stop::no)
      return true;
    Rung& rung = result_.rung("install");
    watcher_.begin(rung.name);
    const auto begin = Clock::now();
    CCCI_TRY(const Outcome outcome, judged(session_->watch(plan_.head, Watch::endure)));
    rung.time += since(begin);
    if (outcome.verdict == Verdict::fail) take(outcome, rung);
    watcher_.end(rung);
    return outcome.verdict != Verdict::fail;
  }

  void not_reached(const std::string& why, const std::string& last_words) {
    for (Rung& rung : result_.rungs) {
      if (plan_.tier(rung.name).decided || was_begun(rung.name)) continue;
      rung.reason = why;
      rung.last_words = last_words;
    }
  }

  bool was_begun(const std::string& name) const {
    return std::find(begun_.begin(), begun_.end(), name) != begun_.end();
  }

  bool needs_engine() const {
    return std::any_of(plan_.tiers.begin(), plan_.tiers.end(),
                       [](const TierPlan& tier) { return tier.name != "lint" && !tier.decided; });
  }

  base::Result<void> tiers() {
    result_.rung("lint").of_files = true;
    CCCI_CHECK(tier("lint", [&] { return lint(setup_, plan_, checkout_); }));
    if (!needs_engine()) return {};
    const auto begin = Clock::now();
    stopping_ = [this] { return stopping(); };
    CCCI_TRY(session_, Session::start(setup_, plan_, request_.name, watcher_, stopping_, mask_));
    result_.engine_start = since(begin);
    if (session_->engine().shared()) engine_disk_.emplace(session_->engine().data());
    CCCI_TRY(const Outcome ready, judged(session_->install_dependencies()));
    if (ready.verdict == Verdict::unverified && !ready.reason.empty()) {
      not_reached(shortened(mask_.masked(ready.reason), longest_reason),
                  last_lines(mask_.masked(ready.last_words)));
      return {};
    }
    CCCI_TRY(const bool installed, install_head());
    if (!installed) {
      not_reached("the app is not installed", {});
      return {};
    }
    return on_the_installed_app();
  }

  // Also if only later tiers were asked for.
  base::Result<bool> install_head() {
    if (plan_.runs("install")) {
      CCCI_CHECK(tier("install", [&] { return install_and_note(); }));
      const Rung& rung = result_.rung("install");
      return rung.verdict != Verdict::fail && stopping() == Stop::no;
    }
    CCCI_TRY(const Outcome outcome, judged(install(*session_)));
    if (outcome.verdict != Verdict::fail) note_serving();
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
    CCCI_TRY(const bool stayed, stays());
    if (!stayed) {
      not_reached("the app does not stay installed", {});
      return {};
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
    CCCI_CHECK(tier("upgrade", [&] { return upgrade(*session_, checkout_); }));
    if (!backed_up || request_.keep_backup.empty()) return {};
    return backups.keep(request_.keep_backup);
  }

  // In a shared engine most is others', so only what has the run's labels counts.
  void measure() {
    if (!session_) return;
    const bool shared = session_->engine().shared();
    const auto found = session_->engine().footprint();
    if (shared && !found) return;
    if (found) result_.peak_memory = std::max(result_.peak_memory.value_or(0), found->memory);
    result_.peak_disk = std::max(result_.peak_disk.value_or(0),
                                 found ? found->disk : session_->volumes().bytes_in_use());
  }

  // The services' own last words, once.
  void take_logs() {
    if (!session_ || !result_.logs.empty()) return;
    const auto begin = Clock::now();
    for (const recipe::Service& service : plan_.head.app.composed.stack.services) {
      const auto logs = engine::service_logs(session_->api(), service.name, lines_of_logs);
      if (logs) result_.logs[service.name] = mask_.masked(logs->out + logs->err);
      // Of many services on a slow engine this would take longer than all the rest.
      if (since(begin) > longest_logs) return;
    }
  }

  void end() {
    const Stop why = stopping();
    if (result_.ending == Ending::complete && why != Stop::no) end_because(why);
    if (!session_) {
      result_.clean_teardown = true;
    } else {
      measure();
      result_.deviations = session_->deviations();
      result_.notes = session_->notes();
      result_.images = session_->images();
      const bool red = red_rung();
      if (red && setup_.pause && request_.pause) request_.pause(result_, session_->api().socket());
      if (red && setup_.keep && session_->engine().keep()) {
        result_.kept = request_.name;
      } else {
        tear_down();
      }
    }
    result_.time = since(begin_);
  }

  void end_because(Stop why) {
    result_.ending = why == Stop::asked ? Ending::stopped : Ending::deadline;
    if (why != Stop::disk_full) return;
    result_.ending = Ending::failed;
    result_.error =
        base::fail("run.disk-full", base::Condition::no_space)
            .with("path", disk_.nearly_full() || !engine_disk_ ? setup_.engines().native()
                                                               : session_->engine().data().native())
            .with("reserve", base::human_bytes(disk_.reserve()));
  }

  bool red_rung() const {
    return std::any_of(result_.rungs.begin(), result_.rungs.end(),
                       [](const Rung& rung) { return rung.verdict == Verdict::fail; });
  }

  void tear_down() {
    const engine::Teardown gone = session_->engine().stop();
    result_.left = gone.left;
    result_.clean_teardown = gone.left.empty();
    if (gone.peak_of_containers) result_.peak_memory = gone.peak_of_containers;
    result_.teardown = gone.time;
  }

  const Setup& setup_;
  const Plan& plan_;
  const Checkout& checkout_;
  const RunRequest& request_;
  Watcher& watcher_;
  Mask& mask_;
  DiskReserve disk_;
  std::optional<DiskReserve> engine_disk_;  // if that of the engine is another
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
    const bool is_there = !setup.engine.empty() && program.path == engine_program;
    if (!is_there && !setup.has(program.path)) {
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
  for (const engine::Reaped& one : reaped) lines.push_back(describe(one));
  return lines;
}

}  // namespace ccci::run
