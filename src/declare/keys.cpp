// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/keys.hpp"

#include "declare/declaration.hpp"

namespace ccci::declare {

namespace {

using enum Type;

// Grouped as the starter file prints them: a table's row, then its values, then its sub-tables.
constexpr Key rows[] = {
    {.path = "runtime",
     .required = true,
     .meaning = "what every job gets, under the runner, the timer and on the hosts alike",
     .shown = Shown::active},
    {.path = "runtime.tools",
     .type = list,
     .value = &forms::tool,
     .required = true,
     .meaning = "the programs on PATH, each the Debian package of its name unless [packages] "
                "says otherwise; nothing else resolves",
     .example = R"(["bash", "coreutils", "curl", "git", "grep", "sed", "tar"])",
     .shown = Shown::active},
    {.path = "runtime.python",
     .type = list,
     .value = &forms::module,
     .meaning = "Python modules, each Debian's python3-NAME; they need the tool python3",
     .example = R"(["pytest"])"},
    {.path = "runtime.packages",
     .type = list,
     .value = &forms::debian_package,
     .meaning =
         "Debian packages that are there but have nothing on PATH: what a runner's daemon is "
         "made of, fonts, data",
     .example = R"(["fonts-dejavu-core"])"},
    {.path = "runtime.variables", .meaning = "environment variables that every job sees"},
    {.path = "runtime.variables.*",
     .type = text,
     .name = &forms::variable,
     .value = &forms::variable_value,
     .meaning = "a variable; not one that decides where code is loaded from, like PATH or LD_*",
     .example = R"(LC_ALL = "C.UTF-8")"},
    {.path = "sources", .meaning = "where packages come from", .shown = Shown::hidden},
    {.path = "sources.debian",
     .meaning = "the Debian archive; what is not given here is as this machine's apt has it"},
    {.path = "sources.debian.suite",
     .type = text,
     .value = &forms::suite,
     .meaning = "the release to take packages from",
     .example = R"("bookworm")"},
    {.path = "sources.debian.uri",
     .type = text,
     .value = &forms::uri,
     .meaning = "the mirror: http, https or file",
     .example = R"("https://deb.example.org/debian")"},
    {.path = "sources.debian.components",
     .type = list,
     .value = &forms::component,
     .meaning = "the parts of the archive",
     .example = R"(["main"])"},
    {.path = "sources.debian.signed-by",
     .type = text,
     .value = &forms::keyring,
     .meaning = "the keyring that must have signed the archive: absolute, or relative to this file",
     .example = R"("/usr/share/keyrings/debian-archive-keyring.gpg")"},
    {.path = "packages",
     .meaning = "only for tools that are not simply the package of their name",
     .shown = Shown::hidden},
    {.path = "packages.*",
     .name = &forms::package,
     .meaning = "what stands behind the tool or Python module of this name; exactly one of "
                "debian, url and file",
     .example = "docker"},
    {.path = "packages.*.debian",
     .type = text,
     .value = &forms::debian_package,
     .meaning = "the Debian package",
     .example = R"("docker.io")"},
    {.path = "packages.*.url",
     .type = text,
     .value = &forms::url,
     .meaning = "or an archive to download, pinned by sha256",
     .example = R"("https://downloads.example.org/tool-1.0.tar.gz")",
     .shown = Shown::hidden},
    {.path = "packages.*.file",
     .type = text,
     .value = &forms::archive_file,
     .meaning = "or an archive beside this file, pinned by sha256",
     .example = R"("archives/tool-1.0.tar.gz")",
     .shown = Shown::hidden},
    {.path = "packages.*.sha256",
     .type = text,
     .value = &forms::sha256,
     .meaning = "the archive's SHA-256, as sha256sum prints it",
     .example = R"("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")",
     .shown = Shown::hidden},
    {.path = "packages.*.commands",
     .type = commands,
     .value = &forms::command,
     .meaning = "which of its programs stand on PATH; all of them unless given",
     .example = R"(["docker"])"},
    {.path = "packages.*.commands.*",
     .type = text,
     .name = &forms::command,
     .value = &forms::command_path,
     .meaning = "a command and its program: in an archive a relative path, in a Debian package "
                "an absolute one",
     .example = R"(docker = "/usr/bin/docker")",
     .shown = Shown::hidden},
    {.path = "entrypoints",
     .meaning = "files that run a command in the environment",
     .shown = Shown::hidden},
    {.path = "entrypoints.*",
     .name = &forms::tool,
     .meaning = "an executable of this name; `ci-run COMMAND` runs COMMAND in the environment",
     .example = "ci-run",
     .shown = Shown::active},
    {.path = "entrypoints.*.exec",
     .type = list,
     .value = &forms::argument,
     .meaning = "put before the arguments: with this, `ci-run x.py` runs `python3 x.py`",
     .example = R"(["python3"])"},
    {.path = "timers", .meaning = "what the hosts run on a schedule", .shown = Shown::hidden},
    {.path = "timers.*",
     .name = &forms::service,
     .meaning = "a systemd timer that runs an entrypoint",
     .example = "nightly"},
    {.path = "timers.*.schedule",
     .type = text,
     .value = &forms::schedule,
     .required = true,
     .meaning = "when: a systemd calendar expression",
     .example = R"("Sun *-*-* 03:00")"},
    {.path = "timers.*.exec",
     .type = list,
     .value = &forms::argument,
     .required = true,
     .meaning = "an entrypoint and its arguments",
     .example = R"(["ci-run", "./nightly.sh"])"},
    {.path = "timers.*.directory",
     .type = text,
     .value = &forms::directory,
     .meaning = "where it runs: absolute; the directory of this file at the switch unless given",
     .example = R"("/srv/ci")"},
    {.path = "timers.*.user",
     .type = text,
     .value = &forms::user,
     .meaning = "who it runs as: a user of the host; root unless given",
     .example = R"("ci")"},
    {.path = "runners",
     .meaning = "the CI runner services that jobs come through",
     .shown = Shown::hidden},
    {.path = "runners.*",
     .name = &forms::service,
     .meaning = "a runner service on the hosts",
     .example = "drone"},
    {.path = "runners.*.kind",
     .type = text,
     .value = &forms::runner_kind,
     .required = true,
     .meaning = "what it is; kind 'unit' is any other service and needs `unit`",
     .example = R"("drone-exec")",
     .choices = runner_kinds},
    {.path = "runners.*.unit",
     .type = text,
     .value = &forms::unit,
     .meaning = "its systemd unit, where it is not the usual one of its kind",
     .example = R"("drone-runner-exec.service")"},
    {.path = "runners.*.program",
     .type = text,
     .value = &forms::program,
     .meaning = "its daemon's file on the host, where that lies below /usr and is in no package of "
                "[runtime]; of a github-runner its runsvc.sh",
     .example = R"("/usr/local/bin/drone-runner-exec")"},
    {.path = "runners.*.trigger",
     .type = list,
     .value = &forms::argument,
     .meaning = "a command that makes the engine run one job, for the witness",
     .example = R"(["curl", "-fsS", "-X", "POST", "https://drone.example.org/api/builds"])"},
    {.path = "hosts", .meaning = "the machines that get this environment", .shown = Shown::hidden},
    {.path = "hosts.*",
     .name = &forms::tool,
     .meaning = "a host; it gets what [runtime] says",
     .example = "ci-1"},
    {.path = "hosts.*.extra_tools",
     .type = list,
     .value = &forms::tool,
     .meaning = "tools for people on that host; they never change what jobs see",
     .example = R"(["openssh-client"])"},
    {.path = "hosts.*.address",
     .type = text,
     .value = &forms::address,
     .meaning = "where ssh finds it; its name unless given",
     .example = R"("root@ci-1.example.org")"},
    {.path = "health", .meaning = "what must hold after a switch; otherwise the host goes back"},
    {.path = "health.units",
     .type = list,
     .value = &forms::any_unit,
     .meaning = "systemd units that must be active",
     .example = R"(["docker.service"])"},
    {.path = "health.commands",
     .type = lines,
     .value = &forms::argument,
     .meaning = "commands that must end well",
     .example = R"([["docker", "info"]])"},
    {.path = "health.deadline",
     .type = text,
     .value = &forms::deadline,
     .meaning = "how long that may take: a time span from 1s to 1h",
     .example = R"("60s")"},
    {.path = "witness", .meaning = "the one test that `cc-ci witness` runs through every path"},
    {.path = "witness.exec",
     .type = list,
     .value = &forms::argument,
     .required = true,
     .meaning = "an entrypoint and its arguments",
     .example = R"(["ci-run", "./smoke.sh"])"},
    {.path = "baselines",
     .meaning = "every list that came before; the environment must cover each"},
    {.path = "baselines.*",
     .type = baseline,
     .name = &forms::baseline,
     .value = &forms::baseline,
     .meaning = "the names that one earlier list held, or where it stood",
     .example = R"(old-timer = ["bash", "curl", "git"])"},
    {.path = "baselines.*.from",
     .type = text,
     .value = &forms::revision_file,
     .required = true,
     .meaning = "a file of the repository at a git revision, whose lists are read",
     .example = R"("nix/modules/sweep.nix@v1.0")",
     .shown = Shown::hidden},
    {.path = "waivers",
     .meaning = "names of baselines that the environment does without, each with the reason"},
    {.path = "waivers.*",
     .type = text,
     .name = &forms::baseline,
     .value = &forms::reason,
     .meaning = "why this one is dropped; every proof that needs it shows it",
     .example = R"(nix = "the runner built its environment with it; nothing does any more")"},
    {.path = "prove", .meaning = "what the proofs are told", .shown = Shown::hidden},
    {.path = "prove.ignore",
     .meaning = "files and directories in which a second list of tools is excused"},
    {.path = "prove.ignore.*",
     .type = text,
     .name = &forms::repository_path,
     .value = &forms::reason,
     .meaning = "why the list there is none of this environment's",
     .example = R"("images/app/Dockerfile" = "an image that is shipped, not one that CI runs in")"},
};

}  // namespace

std::string_view Key::last() const {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string_view Key::parent() const {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::span<const Key> keys() { return rows; }

const Key* find_key(std::string_view parent, std::string_view key) {
  const Key* any = nullptr;
  for (const Key& row : keys()) {
    if (row.parent() != parent) continue;
    if (row.last() == "*") {
      any = &row;
    } else if (row.last() == key) {
      return &row;
    }
  }
  return any;
}

std::vector<std::string> known_keys(std::string_view parent) {
  std::vector<std::string> names;
  for (const Key& row : keys()) {
    if (row.parent() == parent && row.last() != "*") names.emplace_back(row.last());
  }
  return names;
}

}  // namespace ccci::declare
