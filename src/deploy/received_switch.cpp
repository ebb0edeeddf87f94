// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/received_switch.hpp"

#include "store/store.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

namespace {

using base::Condition;

base::Result<activate::Switched> run_switch(activate::Switcher& switcher,
                                            const activate::Edges& edges, const fs::path& state,
                                            const ReceivedSwitch& received,
                                            const Confirmation& confirmation,
                                            const Inspect& inspect) {
  CCCI_CHECK(switcher.check_host());
  CCCI_TRY(store::Store store, store::Store::open(state));
  const auto system = store::read_directory(store::Kind::system, received.system);
  if (!system) {
    return base::unexpected(base::fail("store.unknown").with("object", received.system));
  }
  activate::SwitchRequest request;
  request.jobs = received.jobs;
  request.jobs_limit = received.jobs_limit;
  request.system = *system;
  request.project = received.project;
  request.origin = [&] { return received.origin; };
  if (inspect) {
    request.inspect = [&](const std::vector<std::string>& restarted) {
      return inspect(store, restarted);
    };
  }
  request.deadline = received.deadline;
  request.confirmed = [&] {
    const auto given = confirmation.wait(received.deadline, edges.pause, edges.interrupted);
    return given && *given;
  };
  CCCI_TRY(const base::Fd lock, switcher.lock());
  return switcher.switch_to(store, request);
}

}  // namespace

Outcome outcome_of(const base::Result<activate::Switched>& switched) {
  Outcome outcome;
  if (switched) {
    outcome.word = switched->plan.empty() ? "current" : "switched";
    outcome.before = switched->before.number;
    outcome.after = switched->after.number;
    return outcome;
  }
  const base::Error& error = switched.error();
  // If an unhealthy generation was left, `back` names the generation that is active again.
  const bool restored = error.is(Condition::reverted) ||
                        (error.is(Condition::unhealthy) && !error.field("back").empty());
  outcome.word = restored ? "rolled-back" : "failed";
  const bool unconfirmed = error.also.size() == 1 && error.also.front().is(Condition::unconfirmed);
  outcome.error = unconfirmed ? error.also.front() : error;
  return outcome;
}

base::Result<void> switch_to(activate::Switcher& switcher, const activate::Edges& edges,
                             const fs::path& state, const ReceivedSwitch& received,
                             const Inspect& inspect) {
  CCCI_TRY(const Confirmation confirmation,
           Confirmation::of(switcher.generations().layout(), received.token));
  CCCI_TRY(const base::Fd alive, confirmation.begin());
  auto switched = run_switch(switcher, edges, state, received, confirmation, inspect);
  CCCI_CHECK(confirmation.end(outcome_of(switched)));
  if (!switched) return base::unexpected(std::move(switched).error());
  return {};
}

base::Result<int> start_switch(const activate::Layout& layout, base::ProcessRunner& processes,
                               const fs::path& state, const ReceivedSwitch& received) {
  CCCI_CHECK(Confirmation::of(layout, received.token));
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) {
    return base::unexpected(
        base::fail("base.read").with("path", "/proc/self/exe").with_errno(error.value()));
  }
  base::Command command;
  command.capture = false;
  command.argv = {"systemd-run",
                  "--quiet",
                  "--collect",
                  "--service-type=exec",
                  "--unit=cc-ci-switch-" + received.token,
                  "--description=cc-ci switch, deployed",
                  "--",
                  program,
                  "-q",
                  "--state",
                  state,
                  "receive",
                  "--switch",
                  received.token,
                  "--deadline",
                  std::to_string(received.deadline.count()),
                  "--jobs",
                  std::string(activate::name(received.jobs)),
                  "--jobs-limit",
                  std::to_string(received.jobs_limit.count())};
  const std::string& commit = received.origin.commit;
  for (const auto& [option, value] :
       {std::pair<const char*, const std::string&>{"--host", received.host},
        {"--system", received.system},
        {"--project", received.project},
        {"--commit", commit},
        {"--override", received.origin.override_reason}}) {
    if (value.empty()) continue;
    command.argv.emplace_back(option);
    command.argv.push_back(value);
  }
  if (received.origin.dirty) command.argv.emplace_back("--dirty");
  CCCI_TRY(const base::Outcome outcome, processes.run(command));
  return outcome.status;
}

}  // namespace ccci::deploy
