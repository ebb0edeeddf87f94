// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "activate/drift.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/help.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "declare/declaration.hpp"
#include "deploy/received_switch.hpp"
#include "deploy/receiver.hpp"
#include "doctor/cron_checkup.hpp"
#include "doctor/project_checkup.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "store/store.hpp"
#include "view/symptoms.hpp"
#include "witness/request_queue.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// The sender sends without a pause. If it is silent for this time, the connection is lost.
constexpr std::chrono::minutes patience{5};

base::Result<int> receive(Invocation& invocation) {
  CCCI_TRY(store::Store store, open_store(invocation));
  const activate::Generations generations(host_layout());
  const auto fetch = [&](const declare::Declaration& declaration, const fs::path& directory,
                         const std::vector<source::Package>& packages) -> base::Result<void> {
    const fs::path file = directory / "cc-ci.toml";
    const project::Project project{file, project::lock_file_of(file), declaration};
    CCCI_TRY(const std::optional<lock::Lock> lock, project::read_lock(project));
    const auto locked = lock ? lock->releases : std::vector<source::Release>{};
    return project::fetcher(project, invocation.context(), store, locked)(packages);
  };
  HostSession session(invocation);
  const auto drifted = [&]() -> base::Result<bool> {
    CCCI_CHECK(session.switcher().check_host());
    CCCI_TRY(const activate::Drifts drifts,
             activate::find_drift(generations, store, session.systemd(), base::real_processes(),
                                  generations.standing()));
    return !drifts.empty();
  };
  deploy::Receiver receiver(store, generations, fetch, drifted, command::version_line());
  deploy::FdStream stream(STDIN_FILENO, STDOUT_FILENO, {patience, {}, false});
  CCCI_CHECK(receiver.serve(stream));
  return 0;
}

// The switch that the options describe.
base::Result<deploy::ReceivedSwitch> received(const Invocation& invocation, std::string token) {
  deploy::ReceivedSwitch received;
  received.token = std::move(token);
  received.host = invocation.value("host").value_or("");
  received.system = invocation.value("system").value_or("");
  received.project = invocation.value("project").value_or("");
  received.origin = {invocation.value("commit").value_or(""), invocation.has("dirty"),
                     invocation.value("override").value_or("")};
  CCCI_TRY(const std::uint64_t seconds, invocation.number("deadline", 60, longest_wait));
  received.deadline = std::chrono::seconds(seconds);
  CCCI_TRY(const JobsChoice choice, jobs_choice(invocation, received.jobs, received.jobs_limit));
  received.jobs = choice.jobs;
  received.jobs_limit = choice.limit;
  return received;
}

base::Result<int> switch_here(Invocation& invocation, const std::string& token) {
  CCCI_TRY(const deploy::ReceivedSwitch asked, received(invocation, token));
  HostSession session(invocation);
  // Hardened runners can write into the witness's directory only if it exists when they start.
  CCCI_CHECK(witness::RequestQueue::open(invocation.globals().state));
  const command::Interruption interruption;
  const auto inspect = [&](const store::Store& store,
                           const std::vector<std::string>& restarted) -> base::Result<void> {
    const auto project = project::open(fs::path(asked.project) / "cc-ci.toml");
    if (!project) return {};  // a generation of an older cc-ci has no project
    return doctor::require_services(*project, store, session.machine(), asked.host, restarted);
  };
  CCCI_CHECK(deploy::switch_to(session.switcher(), session.edges(), invocation.globals().state,
                               asked, inspect));
  return 0;
}

// Checks this host for a declaration that comes on standard input. No project is needed here.
base::Result<int> check_for(Invocation& invocation, const std::string& host) {
  deploy::FdStream stream(STDIN_FILENO, STDOUT_FILENO, {patience, {}, false});
  // A line with the number of bytes, then the declaration: the connection stays open for the
  // answer.
  std::string text;
  std::string block(64U << 10U, '\0');
  std::size_t end = std::string::npos;
  std::size_t size = 0;
  while (end == std::string::npos || text.size() < end + size) {
    CCCI_TRY(const std::size_t count, stream.read(block.data(), block.size()));
    if (count == 0 || text.size() > 2 * declare::largest_declaration) break;
    text.append(block, 0, count);
    if (end != std::string::npos || text.find('\n') == std::string::npos) continue;
    end = text.find('\n') + 1;
    std::from_chars(text.data(), text.data() + end - 1, size);
  }
  text.erase(0, std::min(end, text.size()));
  CCCI_TRY(const declare::Declaration declaration, declare::parse(text, "cc-ci.toml"));
  HostSession session(invocation);
  std::vector<doctor::Symptom> symptoms{
      doctor::check_entry(base::real_processes()),
      doctor::check_state_directory(invocation.globals().state),
  };
  for (doctor::Symptom& symptom : doctor::check_services(
           session.machine(), declare::for_host(declaration, host), nullptr, true)) {
    symptoms.push_back(std::move(symptom));
  }
  for (doctor::Symptom& symptom : doctor::unread_crontabs()) symptoms.push_back(std::move(symptom));
  for (doctor::Symptom& symptom : doctor::check_cron(doctor::cron_jobs()))
    symptoms.push_back(std::move(symptom));
  invocation.print(view::to_json(symptoms));
  return view::is_sick(symptoms) ? 1 : 0;
}

base::Result<int> run_receive(Invocation& invocation) {
  if (host_layout().real() && geteuid() != 0) {
    return base::unexpected(base::fail("deploy.not-root"));
  }
  if (const auto host = invocation.value("doctor")) return check_for(invocation, *host);
  if (const auto token = invocation.value("start")) {
    CCCI_TRY(const deploy::ReceivedSwitch asked, received(invocation, *token));
    return deploy::start_switch(host_layout(), base::real_processes(), invocation.globals().state,
                                asked);
  }
  const auto token = invocation.value("switch");
  return token ? switch_here(invocation, *token) : receive(invocation);
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
           {.name = "doctor",
            .value = "HOST",
            .help = "read a declaration and print what this machine lacks to be that host"},
           {.name = "host", .value = "NAME", .help = "the host's name, for the journal"},
           {.name = "system",
            .value = "OBJECT",
            .help = "the name of the system's directory in the store"},
           {.name = "project", .value = "DIR", .help = "working directory of the timers' jobs"},
           {.name = "deadline",
            .value = "SECONDS",
            .help = "time for health, and again for the confirmation",
            .shown = "60"},
           jobs_option("wait"),
           jobs_limit_option("600"),
           {.name = "commit", .value = "ID", .help = "record this commit", .group = "Origin"},
           {.name = "override",
            .value = "REASON",
            .help = "record why a gate was overridden",
            .group = "Origin"},
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
