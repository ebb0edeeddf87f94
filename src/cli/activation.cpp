// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/activation.hpp"
#include "command/interruption.hpp"

#include <cstdlib>

#include "base/text.hpp"
#include "git/repository.hpp"
#include "project/project.hpp"

namespace ccci::cli {

activate::Layout host_layout() {
  const char* prefix = std::getenv("CC_CI_PREFIX");
  return activate::Layout(prefix == nullptr || *prefix == '\0' ? "/" : prefix);
}

HostSession::HostSession(Invocation& invocation)
    : systemd_(base::real_processes()),
      edges_(activate::real_edges(systemd_, invocation.progress())),
      switcher_(host_layout(), [this] {
        edges_.interrupted = &command::Interruption::happened;
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

}  // namespace ccci::cli
