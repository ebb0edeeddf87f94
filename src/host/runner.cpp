// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/runner.hpp"

#include <algorithm>
#include <array>

namespace ccci::host {

namespace {

constexpr std::array rows{
    RunnerKind{
        .name = "drone-exec",
        .unit = "drone-runner-exec.service",
        .program = "/usr/local/bin/drone-runner-exec",
        .environment = "from nothing: PATH and USER of the daemon, DRONE_RUNNER_ENVIRON, proxies, "
                       "the engine's own, the step's",
        .wins =
            "DRONE_RUNNER_PATH over the daemon's PATH; in older releases the daemon's PATH over "
            "DRONE_RUNNER_ENVIRON; the unit's variables over those of its configuration file",
        .fixed = "steps run under the literal /bin/sh -e; HOME is a directory of the job; locale, "
                 "TMPDIR and XDG variables are dropped; a cancelled job's grandchildren live on",
        .writes = "PATH and DRONE_RUNNER_PATH, the same; the variables in DRONE_RUNNER_ENVIRON, "
                  "where no value may hold ','",
        .path_variable = "DRONE_RUNNER_PATH",
        .list_variable = "DRONE_RUNNER_ENVIRON"},
    RunnerKind{.name = "woodpecker-local",
               .unit = "woodpecker-agent.service",
               .program = "/usr/local/bin/woodpecker-agent",
               .environment = "the daemon's, whole; then the step's",
               .wins = "the step's over the daemon's",
               .fixed =
                   "a step's image is the name of its shell, and like git and plugin-git it is "
                   "looked up in the daemon's PATH; without plugin-git the agent downloads one",
               .writes = "nothing more; declare plugin-git as a tool"},
    RunnerKind{.name = "act-runner",
               .unit = "act_runner.service",
               .program = "/usr/local/bin/act_runner",
               .environment =
                   "in host mode the daemon's PATH; runner.envs and runner.env_file of its "
                   "configuration; the step's",
               .wins = "a PATH in runner.envs or runner.env_file over the daemon's",
               .fixed = "commands are looked up in the job's PATH and run on a terminal",
               .writes = "nothing more"},
    RunnerKind{.name = "buildbot-worker",
               .unit = "",
               .program = "/usr/bin/buildbot-worker",
               .environment = "a copy of the daemon's; then what the master sets",
               .wins =
                   "the master's env over the daemon's: a value replaces, None removes, ${PATH} "
                   "is the daemon's",
               .fixed = "the daemon's PYTHONPATH is appended to one that the master sets",
               .writes = "nothing more; its Debian package belongs into [runtime] packages"},
    RunnerKind{.name = "github-runner",
               .unit = "",
               .program = "/opt/actions-runner/runsvc.sh",
               .environment = "the daemon's; then the lines of .env in its installation; then the "
                              "workflow's",
               .wins =
                   ".path over the unit's PATH, .env over the unit's variables; both were frozen "
                   "when the runner was configured",
               .fixed = "the files are the installation's: cc-ci edits neither",
               .writes = "PATH into a file that is mounted over .path; `program` says where the "
                         "installation is",
               .overlaid = Overlaid::path_file},
    RunnerKind{.name = "gitlab-shell",
               .unit = "gitlab-runner.service",
               .program = "/usr/bin/gitlab-runner",
               .environment = "a login shell's, started by the daemon; then the job's",
               .wins =
                   "/etc/profile over the daemon's PATH; then ~/.bash_profile, ~/.bash_login or "
                   "~/.profile of the user that jobs run as",
               .fixed = "jobs run under bash --login, through su where the daemon is root",
               .writes = "PATH and the variables into a file that is mounted over /etc/profile; "
                         "/etc/profile.d is not read",
               .overlaid = Overlaid::profile},
    RunnerKind{.name = "unit",
               .unit = "",
               .program = "",
               .environment = "whatever the service makes of its own",
               .wins = "unknown: the witness shows it",
               .fixed = "unknown",
               .writes = "nothing more"},
};

}  // namespace

std::span<const RunnerKind> runner_kinds() { return rows; }

const RunnerKind& runner_kind(std::string_view name) {
  const auto* found = std::find_if(rows.begin(), rows.end(),
                                   [&](const RunnerKind& kind) { return kind.name == name; });
  return found == rows.end() ? rows.back() : *found;
}

std::string runner_unit(const declare::Runner& runner) {
  return runner.unit.empty() ? std::string(runner_kind(runner.kind).unit) : runner.unit;
}

}  // namespace ccci::host
