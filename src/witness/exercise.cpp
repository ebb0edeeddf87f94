// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/exercise.hpp"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <functional>
#include <future>
#include <thread>

#include "base/text.hpp"
#include "witness/timer.hpp"
#include "wording/message.hpp"

namespace ccci::witness {

namespace {

constexpr std::chrono::milliseconds glance{50};

struct Person {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home = "/root";
  std::string shell = "/bin/sh";
  std::string name = "root";
};

std::optional<Person> person(const std::string& name) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found) {
    return std::nullopt;
  }
  return Person{entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell, entry.pw_name};
}

// The user that a service runs as. Returns nothing if this user does not exist.
std::optional<Person> person_of(const activate::UnitState& service) {
  return service.user.empty() ? Person{} : person(service.user);
}

Exercise blocked(const Path& path, std::string why, bool failed = false) {
  Exercise exercise;
  exercise.path = path;
  exercise.problem = std::move(why);
  exercise.failed = failed;
  return exercise;
}

Exercise blocked(const Path& path, base::Error error, bool failed = false) {
  Exercise exercise = blocked(path, std::string(), failed);
  exercise.error = std::move(error);
  return exercise;
}

constexpr const char* interrupted = "interrupted";

std::string too_late(const Bench& bench) {
  return "no answer within " + std::to_string(bench.deadline.count()) + " s";
}

// ": " and the last line of a program's output. Empty if there is no output.
std::string last_line(std::string_view output) {
  const std::string_view said = base::trim(output);
  if (said.empty()) return {};
  return ": " + base::printable(said.substr(said.rfind('\n') + 1));
}

// Writes the request for this path. Returns the path of its probe.
base::Result<std::string> ask(Bench& bench, const Path& path, Request request,
                              const Person& person) {
  request.name = path.request();
  request.uid = person.uid;
  request.gid = person.gid;
  request.expires = std::time(nullptr) + bench.deadline.count();
  return bench.queue.ask(request);
}

// The account of the user that the job had.
std::optional<Account> account_of(const View& view) {
  const auto user = view.facts.find("user");
  if (user == view.facts.end()) return std::nullopt;
  uid_t uid = 0;
  const std::string& text = user->second;
  if (std::from_chars(text.data(), text.data() + text.size(), uid).ec != std::errc{})
    return std::nullopt;
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return std::nullopt;
  constexpr int most_groups = 1024;
  std::vector<gid_t> groups(most_groups);
  int count = most_groups;
  if (getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) count = 0;
  groups.resize(static_cast<std::size_t>(count));
  std::sort(groups.begin(), groups.end());
  std::vector<std::string> numbers;
  for (const gid_t group : groups) numbers.push_back(std::to_string(group));
  return Account{.name = entry.pw_name,
                 .home = entry.pw_dir,
                 .shell = entry.pw_shell,
                 .group = std::to_string(entry.pw_gid),
                 .groups = base::join(numbers, " ")};
}

Exercise answer(Bench& bench, const Path& path) {
  auto collected = bench.queue.collect(path.request());
  if (!collected) return blocked(path, collected.error(), true);
  Exercise exercise;
  exercise.path = path;
  exercise.seen = std::move(collected->seen);
  exercise.account = account_of(view_of_job(path.kind, *exercise.seen));
  exercise.output = std::move(collected->output);
  return exercise;
}

// Waits for the answer. `given_up` is called now and then. It returns a result once no answer can
// come.
Exercise await(Bench& bench, const Path& path,
               const std::function<std::optional<Exercise>()>& given_up) {
  const auto until = std::chrono::steady_clock::now() + bench.deadline;
  auto ask_again = std::chrono::steady_clock::now();
  while (!bench.queue.answered(path.request())) {
    const auto now = std::chrono::steady_clock::now();
    if (bench.interrupted()) return blocked(path, interrupted);
    if (now >= until) return blocked(path, too_late(bench));
    if (now >= ask_again) {
      auto why = given_up();
      // The job may have answered in the meantime.
      if (why && !bench.queue.answered(path.request())) return *std::move(why);
      ask_again = now + 10 * glance;
    }
    std::this_thread::sleep_for(glance);
  }
  return answer(bench, path);
}

// Runs the probe in a child process of the witness.
Exercise run_here(Bench& bench, const Path& path, base::Command command) {
  command.time_limit = bench.deadline;
  auto running = std::async(std::launch::async, [&] { return bench.processes.run(command); });
  while (running.wait_for(glance) != std::future_status::ready) {
    if (!bench.interrupted()) continue;
    // The probe is the leader of the command's process group.
    const pid_t pid = bench.queue.process(path.request());
    if (pid > 0 && getpgid(pid) == pid && pid != getpgrp()) kill(-pid, SIGKILL);
  }
  const auto outcome = running.get();
  if (bench.interrupted()) return blocked(path, interrupted);
  if (!outcome) return blocked(path, outcome.error(), true);
  if (bench.queue.answered(path.request())) return answer(bench, path);
  std::string why = outcome->timed_out
                        ? too_late(bench)
                        : "its command ended with status " + std::to_string(outcome->status);
  return blocked(path, why + last_line(outcome->err), true);
}

Exercise through_entrypoint(Bench& bench, const Path& path, const Request& request) {
  const auto probe = ask(bench, path, request, Person{});
  if (!probe) return blocked(path, probe.error());
  base::Command command;
  command.argv = {"/bin/sh", *probe};
  return run_here(bench, path, std::move(command));
}

// Follows the links of the commands that a person's PATH shows.
void follow(Outside& outside) {
  for (const auto& [name, file] : outside.commands) {
    std::error_code none;
    const std::filesystem::path program = std::filesystem::canonical(file, none);
    if (!none) outside.programs.emplace(name, program.native());
  }
}

// Runs the probe like a login program: through root's shell as a login shell.
Exercise through_login(Bench& bench, const Path& path, const Request& request) {
  const auto probe = ask(bench, path, request, Person{});
  if (!probe) return blocked(path, probe.error());
  const Person root = person("root").value_or(Person{});
  base::Command command;
  command.argv = {root.shell, "-l", "-c", "exec /bin/sh \"$0\"", *probe};
  command.environment = {{"HOME=" + root.home, "USER=" + root.name, "LOGNAME=" + root.name,
                          "SHELL=" + root.shell, "TERM=dumb",
                          std::string("PATH=") + base::standard_path}};
  command.directory = "/";
  Exercise exercise = run_here(bench, path, std::move(command));
  if (exercise.seen) follow(exercise.seen->outside);
  return exercise;
}

// Runs the probe as cron runs a job (cron(8), crontab(5)): the user's ids and groups, a few
// variables and a short PATH, the home directory, by the shell of the crontab.
Exercise through_cron(Bench& bench, const Path& path, const Request& request) {
  const std::optional<Person> owner = person(path.name);
  if (!owner)
    return blocked(path, "there is no user " + path.name + ", cron runs none of its jobs");
  const auto probe = ask(bench, path, request, *owner);
  if (!probe) return blocked(path, probe.error());
  const std::string shell = path.shell.empty() ? "/bin/sh" : path.shell;
  base::Command command;
  command.argv = {"/usr/bin/setpriv",
                  "--reuid=" + std::to_string(owner->uid),
                  "--regid=" + std::to_string(owner->gid),
                  "--init-groups",
                  shell,
                  "-c",
                  "exec /bin/sh \"$0\"",
                  *probe};
  command.environment = {
      {"HOME=" + owner->home, "LOGNAME=" + owner->name, "SHELL=" + shell, "PATH=/usr/bin:/bin"}};
  command.directory = owner->home;
  return run_here(bench, path, std::move(command));
}

// Returns the reason once it is certain that the fire will not be answered.
std::optional<Exercise> ended_without_answer(Bench& bench, const Path& path, const Fire& fire) {
  const auto fired = fire.fired();
  if (!fired || !*fired) return std::nullopt;
  const auto states = bench.systemd.show({path.unit});
  if (!states) return std::nullopt;
  const activate::UnitState& state = states->front();
  // The job has not ended: it runs, or waits for another unit, for example the network.
  if (state.queued || state.runs()) return std::nullopt;
  if (!state.condition)
    return blocked(path, path.unit + " was not started: a Condition…= is not met");
  if (state.result == "exec-condition") {
    return blocked(path, path.unit + " was not started: its ExecCondition= says no");
  }
  if (!state.assertion) {
    return blocked(path, path.unit + " was not started: an Assert…= is not met", true);
  }
  const bool begun = bench.queue.begun(path.request());
  return blocked(path,
                 path.unit + " ended with " + state.result + ", status " +
                     std::to_string(state.exit_status) +
                     (begun ? ", while the test ran" : ", before its job began"),
                 true);
}

// Waits a short time for the end of the timer's own job. Returns true if the job still runs. Most
// jobs take longer than the wait.
bool at_work(Bench& bench, const std::string& service) {
  const auto until = std::chrono::steady_clock::now() + bench.patience;
  for (;;) {
    const auto states = bench.systemd.show({service});
    if (!states || !states->front().runs()) return false;
    if (std::chrono::steady_clock::now() >= until || bench.interrupted()) return true;
    std::this_thread::sleep_for(glance);
  }
}

Exercise through_timer(Bench& bench, const Path& path, const Request& request) {
  const std::string timer = path.name + ".timer";
  const auto states = bench.systemd.show({path.unit, timer});
  if (!states) return blocked(path, states.error());
  for (const activate::UnitState& state : *states) {
    if (state.load != "loaded") return blocked(path, state.name + " is " + state.load);
  }
  if (states->at(1).active != "active") {
    return blocked(path, timer + " is " + states->at(1).active);
  }
  if (at_work(bench, path.unit)) {
    return blocked(path, path.unit + " is at work; try again when it ended");
  }
  const std::optional<Person> owner = person_of(states->front());
  if (!owner) return blocked(path, "the user of " + path.unit + " does not exist", true);
  const auto probe = ask(bench, path, request, *owner);
  if (!probe) return blocked(path, probe.error());
  auto fire = Fire::set(bench, path.name, *probe);
  if (!fire) return blocked(path, fire.error());
  Exercise exercise = await(bench, path, [&] { return ended_without_answer(bench, path, *fire); });
  // This stops the test, not the timer's own job. Nobody would read the test's result.
  if (bench.queue.begun(path.request()) && !bench.queue.answered(path.request())) {
    static_cast<void>(bench.systemd.stop({path.unit}));
  }
  if (const auto ended = fire->end(); !ended) {
    return blocked(path, ended.error(), true);
  }
  return exercise;
}

Exercise through_runner(Bench& bench, const Path& path, const Request& request) {
  if (path.unit.empty()) return blocked(path, "its kind has no usual unit, and none is declared");
  if (path.trigger.empty()) {
    return blocked(path, "no trigger is declared: what makes its engine start a job");
  }
  const auto states = bench.systemd.show({path.unit});
  if (!states) return blocked(path, states.error());
  if (states->front().active != "active") {
    return blocked(path, path.unit + " is " +
                             (states->front().load == "loaded" ? states->front().active
                                                               : states->front().load));
  }
  const std::optional<Person> owner = person_of(states->front());
  if (!owner) return blocked(path, "the user of " + path.unit + " does not exist", true);
  const auto probe = ask(bench, path, request, *owner);
  if (!probe) return blocked(path, probe.error());
  base::Command trigger;
  trigger.argv = {request.inside};
  trigger.argv.insert(trigger.argv.end(), path.trigger.begin(), path.trigger.end());
  trigger.directory = request.directory;
  trigger.time_limit = bench.deadline;
  const auto outcome = bench.processes.run(trigger);
  if (!outcome) return blocked(path, outcome.error());
  if (outcome->timed_out) return blocked(path, "its trigger did not end: " + too_late(bench));
  if (outcome->status != 0) {
    return blocked(path, "its trigger ended with status " + std::to_string(outcome->status) +
                             last_line(outcome->err));
  }
  return await(bench, path, [&]() -> std::optional<Exercise> {
    const auto now = bench.systemd.show({path.unit});
    if (!now || now->front().runs()) return std::nullopt;
    return blocked(path, path.unit + " is " + now->front().active + " since its job was asked for");
  });
}

}  // namespace

Exercise exercise(Bench& bench, const Path& path, const Request& request) {
  if (bench.interrupted()) return blocked(path, interrupted);
  Exercise result;
  switch (path.kind) {
    case Path::Kind::entrypoint:
      result = through_entrypoint(bench, path, request);
      break;
    case Path::Kind::host:
      result = through_login(bench, path, request);
      break;
    case Path::Kind::timer:
      result = through_timer(bench, path, request);
      break;
    case Path::Kind::runner:
      result = through_runner(bench, path, request);
      break;
    case Path::Kind::cron:
      result = through_cron(bench, path, request);
      break;
  }
  static_cast<void>(bench.queue.withdraw(path.request()));
  return result;
}

std::vector<Exercise> exercise_all(Bench& bench, const std::vector<Path>& paths,
                                   const Request& request, base::Progress& progress) {
  std::vector<Exercise> all;
  progress.begin("running the test", paths.size(), base::Progress::Unit::things);
  for (const Path& path : paths) {
    all.push_back(exercise(bench, path, request));
    if (const auto& error = all.back().error) all.back().problem = wording::message_of(*error);
    progress.advance(1, path.title());
  }
  progress.end();
  return all;
}

}  // namespace ccci::witness
