// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/runner_kind.hpp"

#include <algorithm>
#include <array>

namespace ccci::declare {

namespace {

constexpr std::array runner_table{
    RunnerKind{
        .name = "drone-exec",
        .unit = "drone-runner-exec.service",
        .program = "/usr/local/bin/drone-runner-exec",
        .environment =
            "only PATH and USER of the daemon, the file that DRONE_RUNNER_ENVFILE names, "
            "DRONE_RUNNER_ENVIRON, proxies, the variables of the engine and of the step",
        .wins =
            "DRONE_RUNNER_PATH over a PATH in DRONE_RUNNER_ENVIRON and the file; the file over "
            "DRONE_RUNNER_ENVIRON; the unit's variables over those of its configuration file; a "
            "build's parameter PATH over all",
        .fixed =
            "steps run under the literal /bin/sh -e; HOME is a directory of the job; locale, "
            "TMPDIR and XDG variables are dropped; a cancelled job loses only its shell, the "
            "processes below it keep running; DRONE_RUNNER_ENVIRON takes no value with ':' or ','",
        .writes = "PATH and DRONE_RUNNER_PATH, with the same value; the variables in a file, and "
                  "DRONE_RUNNER_ENVFILE with its path",
        .path_variable = "DRONE_RUNNER_PATH",
        .file_variable = "DRONE_RUNNER_ENVFILE",
        .overlaid = Overlaid::variables_file,
        .configuration = "/etc/drone-runner-exec"},
    RunnerKind{
        .name = "woodpecker-local",
        .unit = "woodpecker-agent.service",
        .program = "/usr/local/bin/woodpecker-agent",
        .environment = "all of the daemon's; then the step's",
        .wins = "the step's over the daemon's",
        .fixed = "a step's image is the name of its shell; the shell, git and plugin-git are "
                 "searched for in the daemon's PATH; without plugin-git the agent downloads one; "
                 "jobs see WOODPECKER_AGENT_SECRET unless WOODPECKER_AGENT_SECRET_FILE is used; a "
                 "child in a session of its own survives a cancelled job and blocks its slot",
        .writes = "nothing more; declare plugin-git as a tool",
        .configuration = "/etc/woodpecker"},
    RunnerKind{.name = "act-runner",
               .unit = "act_runner.service",
               .program = "/usr/local/bin/act_runner",
               .environment =
                   "in host mode the daemon's PATH; runner.envs and runner.env_file of its "
                   "configuration; the step's",
               .wins = "a PATH in runner.envs or runner.env_file over the daemon's",
               .fixed = "commands are searched for in the job's PATH and run on a terminal",
               .writes = "nothing more",
               .configuration = "/etc/act_runner"},
    RunnerKind{.name = "gitea-runner",
               .unit = "gitea-runner.service",
               .program = "/usr/local/bin/gitea-runner",
               .environment =
                   "for a label :host all of the daemon's; runner.envs and runner.env_file of its "
                   "configuration; the step's",
               .wins = "a PATH or BASH_ENV in runner.envs or runner.env_file over the daemon's",
               .fixed =
                   "steps run under bash --noprofile --norc -e -o pipefail; `uses:` needs node; "
                   "a cancelled job loses only its shell and blocks its slot until the output "
                   "ends",
               .writes = "nothing more; declare bash, and nodejs for `uses:`",
               .configuration = "/etc/gitea-runner"},
    RunnerKind{.name = "buildbot-worker",
               .unit = "",
               .program = "/usr/bin/buildbot-worker",
               .environment = "a copy of the daemon's; then the variables that the master sets",
               .wins =
                   "the master's env over the daemon's: a value replaces, None removes, ${PATH} "
                   "is the daemon's",
               .fixed = "the daemon's PYTHONPATH is appended to one that the master sets",
               .writes = "nothing more; declare its Debian package in [runtime] packages"},
    RunnerKind{
        .name = "github-runner",
        .unit = "",
        .program = "/opt/actions-runner/runsvc.sh",
        .environment = "the daemon's; then the lines of .env in its installation; then the "
                       "workflow's",
        .wins = ".path over the unit's PATH, .env over the unit's variables; both were written "
                "when the runner was configured",
        .fixed = "cc-ci does not edit these files, because they belong to the installation",
        .writes = "PATH into a file that is mounted over .path; `program` names the installation",
        .overlaid = Overlaid::path_file},
    RunnerKind{.name = "gitlab-shell",
               .unit = "gitlab-runner.service",
               .program = "/usr/bin/gitlab-runner",
               .environment = "a login shell's, started by the daemon; then the job's",
               .wins =
                   "/etc/profile over the daemon's PATH; then ~/.bash_profile, ~/.bash_login or "
                   "~/.profile of the user that jobs run as; then environment in config.toml "
                   "and the variables of the job",
               .fixed = "jobs run under bash --login, by su if the daemon is root",
               .writes = "PATH and the variables into a file that is mounted over /etc/profile; "
                         "/etc/profile.d is not read",
               .overlaid = Overlaid::profile,
               .configuration = "/etc/gitlab-runner"},
    RunnerKind{.name = "unit",
               .unit = "",
               .program = "",
               .environment = "what the service itself makes",
               .wins = "unknown; cc-ci witness shows it",
               .fixed = "unknown",
               .writes = "nothing more",
               .unit_required = true},
};

}  // namespace

std::span<const RunnerKind> runner_kinds() { return runner_table; }

const std::vector<std::string>& runner_kind_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const RunnerKind& kind : runner_table) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

const RunnerKind& runner_kind(std::string_view name) {
  const auto* found = std::find_if(runner_table.begin(), runner_table.end(),
                                   [&](const RunnerKind& kind) { return kind.name == name; });
  return found == runner_table.end() ? runner_table.back() : *found;
}

std::string runner_unit(const Runner& runner) {
  return runner.unit.empty() ? std::string(runner_kind(runner.kind).unit) : runner.unit;
}

}  // namespace ccci::declare
