// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that change or look at this host share.
#pragma once

#include <string>
#include <vector>

#include "activate/layout.hpp"
#include "activate/plan.hpp"
#include "activate/switch.hpp"
#include "cli/invocation.hpp"
#include "declare/span.hpp"
#include "project/project.hpp"

namespace ccci::cli {

// The largest values of --deadline and --look, in seconds: of one host, and of all that wait.
inline constexpr auto longest_deadline =
    static_cast<std::uint64_t>(declare::longest_deadline.count());
inline constexpr auto longest_wait = static_cast<std::uint64_t>(declare::longest_wait.count());

// The host's root; CC_CI_PREFIX names another directory, for tests that have no host of their own.
activate::Layout host_layout();

// SIGINT, SIGTERM and SIGHUP (an ssh that went away) ask for the way back instead of ending the
// process in the middle, while one of these lives.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static bool happened();
  static int signal();  // 0: none
};

// This host, with all that a switch speaks to.
class HostSession {
 public:
  explicit HostSession(Invocation& invocation);

  activate::Switcher& switcher() { return switcher_; }
  activate::Systemd& systemd() { return systemd_; }
  const activate::Edges& edges() const { return edges_; }

 private:
  activate::RealSystemd systemd_;
  activate::Edges edges_;
  activate::Switcher switcher_;
};

// The declared host that this machine is: named, called like the machine, or the only one.
// [cli.unknown-host], [activate.which-host]
base::Result<std::string> this_host(const project::Project& project, const Invocation& invocation,
                                    const std::vector<std::string>& named);

// HEAD of the repository that the declaration lies in; empty where there is none.
activate::Origin origin_of(const std::filesystem::path& directory);

// --deadline, where it was given. [cli.number]
base::Result<std::optional<std::chrono::seconds>> deadline_of(const Invocation& invocation);

// The plan as lines, links of one kind together unless each is asked for.
std::vector<std::string> plan_lines(const activate::Plan& plan, bool each);

// What came out: the plan was announced before.
void print_switched(Invocation& invocation, const activate::Switched& switched, bool dry_run);

activate::Announce announcer(Invocation& invocation, bool dry_run);

}  // namespace ccci::cli
