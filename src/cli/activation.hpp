// SPDX-License-Identifier: GPL-3.0-or-later
// Code that the commands which change or inspect this host share.
#pragma once

#include <string>
#include <vector>

#include "activate/layout.hpp"
#include "activate/plan.hpp"
#include "activate/switch.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "declare/span.hpp"
#include "doctor/service_checkup.hpp"
#include "project/project.hpp"

namespace ccci::cli {

// Maximum values in seconds: longest_deadline for `deploy --deadline` and for --look, longest_wait
// for --deadline of the commands that change this host.
inline constexpr auto longest_deadline =
    static_cast<std::uint64_t>(declare::longest_deadline.count());
inline constexpr auto longest_wait = static_cast<std::uint64_t>(declare::longest_wait.count());

// The paths on this host. CC_CI_PREFIX replaces the root directory, for tests without a host of
// their own.
activate::Layout host_layout();

// This host, with everything that a switch needs.
class HostSession {
 public:
  explicit HostSession(Invocation& invocation);

  activate::Switcher& switcher() { return switcher_; }
  activate::Systemd& systemd() { return systemd_; }
  const activate::Edges& edges() const { return edges_; }
  doctor::Machine machine() { return {host_layout(), systemd_, base::real_processes()}; }

 private:
  activate::RealSystemd systemd_;
  activate::Edges edges_;
  activate::Switcher switcher_;
};

// The declared host for this machine: the named one, the one with the machine's name, or the only
// one. [cli.unknown-host], [activate.which-host]
base::Result<std::string> this_host(const project::Project& project, const Invocation& invocation,
                                    const std::vector<std::string>& named);

// HEAD of the repository that contains the declaration. Empty if there is none.
activate::Origin origin_of(const std::filesystem::path& directory);

// The value of --deadline, if it was given. [cli.number]
base::Result<std::optional<std::chrono::seconds>> deadline_of(const Invocation& invocation);

// --jobs and --jobs-limit of the commands that restart runners.
struct JobsChoice {
  activate::Jobs jobs;
  std::chrono::seconds limit;
};
base::Result<JobsChoice> jobs_choice(const Invocation& invocation, activate::Jobs usual,
                                     std::chrono::seconds limit = std::chrono::hours(1));
Option jobs_option(std::string_view usual);
Option jobs_limit_option(std::string_view usual = "3600");

}  // namespace ccci::cli
