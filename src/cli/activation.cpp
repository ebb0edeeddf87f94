// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/activation.hpp"

#include <signal.h>

#include <array>
#include <cstdlib>

#include "base/text.hpp"
#include "git/repository.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

constexpr std::array caught{SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t signalled = 0;
std::array<struct sigaction, caught.size()> earlier;

void remember(int number) { signalled = number; }

}  // namespace

activate::Layout host_layout() {
  const char* prefix = std::getenv("CC_CI_PREFIX");
  return activate::Layout(prefix == nullptr || *prefix == '\0' ? "/" : prefix);
}

Interruption::Interruption() {
  signalled = 0;
  struct sigaction action = {};
  action.sa_handler = &remember;
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &action, &earlier[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &earlier[i], nullptr);
}

bool Interruption::happened() { return signalled != 0; }
int Interruption::signal() { return signalled; }

HostSession::HostSession(Invocation& invocation)
    : systemd_(base::real_processes()),
      edges_(activate::real_edges(systemd_, invocation.progress())),
      switcher_(host_layout(), [this] {
        edges_.interrupted = &Interruption::happened;
        return edges_;
      }()) {}

base::Result<std::string> this_host(const project::Project& project, const Invocation& invocation,
                                    const std::vector<std::string>& named) {
  CCCI_TRY(const std::vector<std::string> names, project::hosts(project, named));
  std::string host = project::host_of_machine(names);
  if (!host.empty()) return host;
  return base::unexpected(base::fail("activate.which-host")
                              .with("machine", project::machine_name())
                              .with("file", project.file.native())
                              .with("command", invocation.command().name)
                              .with("hosts", base::join(names, ", ")));
}

activate::Origin origin_of(const std::filesystem::path& directory) {
  const git::Origin origin = git::origin(directory, base::real_processes());
  return {origin.commit, origin.dirty};
}

base::Result<std::optional<std::chrono::seconds>> deadline_of(const Invocation& invocation) {
  if (!invocation.value("deadline")) return std::optional<std::chrono::seconds>{};
  CCCI_TRY(const std::uint64_t seconds, invocation.number("deadline", 0, longest_wait));
  return std::optional(std::chrono::seconds(seconds));
}

base::Result<JobsChoice> jobs_choice(const Invocation& invocation, activate::Jobs usual,
                                     std::chrono::seconds limit) {
  JobsChoice choice{usual, limit};
  if (const auto word = invocation.value("jobs"))
    choice.jobs = activate::jobs_named(*word).value_or(usual);
  CCCI_TRY(
      const std::uint64_t seconds,
      invocation.number("jobs-limit", static_cast<std::uint64_t>(limit.count()), longest_wait));
  choice.limit = std::chrono::seconds(seconds);
  return choice;
}

Option jobs_option(std::string_view usual) {
  return {.name = "jobs",
          .value = "MODE",
          .help =
              "if runners that must restart are working: wait for their jobs, refuse, or kill "
              "them",
          .shown = usual,
          .group = "Jobs",
          .completes = Completion::choices,
          .choices = {"wait", "refuse", "kill"}};
}

Option jobs_limit_option(std::string_view usual) {
  return {.name = "jobs-limit",
          .value = "SECONDS",
          .help = "wait no longer for these jobs, then refuse",
          .shown = usual,
          .group = "Jobs"};
}

std::vector<std::string> plan_lines(const activate::Plan& plan, bool each) {
  using Act = activate::Operation::Act;
  std::vector<std::string> lines;
  std::size_t links = 0;
  std::size_t unlinks = 0;
  for (const activate::Operation& operation : plan.operations) {
    if (operation.act == Act::begin || operation.act == Act::note) continue;
    const bool link = operation.act == Act::link;
    const bool unlink = operation.act == Act::unlink;
    if (!each && (link || unlink)) {
      const std::size_t count = link ? ++links : ++unlinks;
      std::string line = (link ? "link      " : "unlink    ") + base::counted(count, "name");
      if (count > 1) lines.pop_back();
      lines.push_back(std::move(line));
      continue;
    }
    lines.push_back(activate::describe(operation));
  }
  for (const activate::RunnerJob& job : plan.busy) {
    lines.push_back("at work   " + activate::describe(job));
  }
  return lines;
}

activate::Announce announcer(Invocation& invocation, bool dry_run) {
  return [&invocation, dry_run](const activate::Plan& plan, const activate::Generation&) {
    invocation.end_progress();
    if (invocation.json()) return;
    for (const std::string& line : plan_lines(plan, dry_run)) invocation.out().line(line);
    // The plan must be visible before its first step begins.
    static_cast<void>(invocation.out().flush());
  };
}

void print_switched(Invocation& invocation, const activate::Switched& switched, bool dry_run) {
  const activate::Generation& after = switched.after;
  if (switched.untidy) {
    invocation.warn("old generations stay: " + wording::message_of(*switched.untidy));
  }
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"dry_run", dry_run},
                    {"changed", !switched.plan.empty()},
                    {"before", switched.before.number},
                    {"plan", activate::to_json(switched.plan)}};
    json["generation"] = base::Json::parse(activate::write_record(after)).value();
    invocation.print(json);
    return;
  }
  const std::string name =
      after.number == 0 ? "nothing of cc-ci" : "generation " + std::to_string(after.number);
  if (switched.plan.empty()) {
    invocation.out().line("nothing to do: " + name + " is active");
  } else if (!dry_run) {
    invocation.out().line(name + " is active");
  }
}

}  // namespace ccci::cli
