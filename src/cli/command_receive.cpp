// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "activate/system_object.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "declare/declaration.hpp"
#include "deploy/confirmation.hpp"
#include "deploy/receiver.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// The sender sends without a pause; one that is silent for so long has gone without saying so.
constexpr std::chrono::minutes patience{5};

base::Result<int> receive(Invocation& invocation) {
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  const activate::Generations generations(host_layout());
  const auto fetch = [&](const declare::Declaration& declaration, const fs::path& directory,
                         const std::vector<source::Package>& packages) {
    const project::Project project{directory / "cc-ci.toml", {}, declaration};
    return project::fetcher(project, invocation.context(), store)(packages);
  };
  deploy::Receiver receiver(store, generations, fetch, version_line());
  deploy::FdStream stream(STDIN_FILENO, STDOUT_FILENO, {patience, {}, false});
  CCCI_CHECK(receiver.serve(stream));
  return 0;
}

std::string outcome_word(const base::Error& error) {
  // Going back is told by the one or, where health was the verdict, beside it.
  const bool back = error.code == "activate.undone" ||
                    (error.code == "activate.unhealthy" && !error.field("back").empty());
  return back ? "rolled-back" : "failed";
}

base::Result<activate::Switched> switch_here(Invocation& invocation,
                                             const deploy::Confirmation& confirmation) {
  CCCI_TRY(const std::uint64_t deadline, invocation.number("deadline", 60, longest_wait));
  activate::RealSystemd systemd(base::real_processes());
  activate::Edges edges = activate::real_edges(systemd, invocation.progress());
  edges.interrupted = &Interruption::happened;
  activate::Switcher switcher(host_layout(), edges);
  CCCI_CHECK(switcher.check_host());
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  const auto system =
      store::read_directory(store::Kind::system, invocation.value("system").value_or(""));
  if (!system) {
    return base::unexpected(
        base::fail("store.unknown").with("object", invocation.value("system").value_or("")));
  }
  activate::SwitchRequest request;
  request.system = *system;
  request.project = invocation.value("project").value_or("");
  request.origin = [&] {
    return activate::Origin{invocation.value("commit").value_or(""), invocation.has("dirty")};
  };
  request.deadline = std::chrono::seconds(deadline);
  request.confirmed = [&] {
    const auto given =
        confirmation.wait(std::chrono::seconds(deadline), edges.pause, &Interruption::happened);
    return given && *given;
  };
  const Interruption interruption;
  CCCI_TRY(const base::Fd lock, switcher.lock());
  return switcher.switch_to(store, request);
}

base::Result<int> receive_switch(Invocation& invocation, const std::string& token) {
  CCCI_TRY(const deploy::Confirmation confirmation, deploy::Confirmation::of(host_layout(), token));
  CCCI_TRY(const base::Fd alive, confirmation.begin());
  auto switched = switch_here(invocation, confirmation);
  deploy::Outcome outcome;
  if (switched) {
    outcome.word = switched->plan.empty() ? "current" : "switched";
    outcome.before = switched->before.number;
    outcome.after = switched->after.number;
  } else {
    outcome.word = outcome_word(switched.error());
    outcome.error = switched.error();
    // That it went back is told anyway, and why it did is a verdict and no failure.
    const std::vector<base::Error>& also = outcome.error->also;
    if (also.size() == 1 && also.front().code == "activate.unconfirmed") {
      outcome.error = also.front();
    }
  }
  CCCI_CHECK(confirmation.end(outcome));
  if (!switched) return base::unexpected(std::move(switched).error());
  return 0;
}

// The switch as a unit of its own, which outlives the connection. That cc-ci itself asks systemd
// for it lets a host allow the one who deploys this one program.
base::Result<int> start_switch(const Invocation& invocation, const std::string& token) {
  CCCI_CHECK(deploy::Confirmation::of(host_layout(), token));
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
                  "--unit=cc-ci-switch-" + token,
                  "--description=cc-ci switch, deployed",
                  "--",
                  program,
                  "-q",
                  "--state",
                  invocation.globals().state,
                  "receive",
                  "--switch",
                  token};
  for (const char* name : {"host", "system", "project", "commit", "deadline"}) {
    const auto value = invocation.value(name);
    if (!value) continue;
    command.argv.push_back("--" + std::string(name));
    command.argv.push_back(*value);
  }
  if (invocation.has("dirty")) command.argv.emplace_back("--dirty");
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  return outcome.status;
}

base::Result<int> run_receive(Invocation& invocation) {
  if (host_layout().real() && geteuid() != 0) {
    return base::unexpected(base::fail("deploy.not-root"));
  }
  if (const auto token = invocation.value("start")) return start_switch(invocation, *token);
  const auto token = invocation.value("switch");
  return token ? receive_switch(invocation, *token) : receive(invocation);
}

}  // namespace

const Command& receive_command() {
  static const Command command{
      .name = "receive",
      .section = "Hosts",
      .purpose = "the receiving side of cc-ci deploy",
      .options =
          {{.name = "switch",
            .value = "TOKEN",
            .help = "switch to a received system; restore the old one unless cc-ci confirm TOKEN "
                    "runs in time"},
           {.name = "start",
            .value = "TOKEN",
            .help = "the same in the background, as the unit cc-ci-switch-TOKEN"},
           {.name = "host", .value = "NAME", .help = "the host's name, for the journal"},
           {.name = "system",
            .value = "OBJECT",
            .help = "the name of the system's directory in the store"},
           {.name = "project", .value = "DIR", .help = "working directory of the timers' jobs"},
           {.name = "deadline",
            .value = "SECONDS",
            .help = "time for health, and again for the confirmation",
            .shown = "60"},
           {.name = "commit", .value = "ID", .help = "record this commit", .group = "Origin"},
           {.name = "dirty",
            .help = "record that there were uncommitted changes",
            .group = "Origin"}},
      .prose = "Uses a protocol on standard input and output. `cc-ci deploy` runs it over ssh.",
      .example = "cc-ci receive",
      .run = &run_receive,
      .hidden = true,
  };
  return command;
}

}  // namespace ccci::cli
