// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/keys.hpp"

#include "declare/declaration.hpp"
#include "declare/runner_kind.hpp"

namespace ccci::declare {

namespace {

using enum Type;

// In the order of the starter file: the row of a table, then its values, then its sub-tables.
constexpr Key rows[] = {
    {.path = "runtime",
     .required = true,
     .meaning = "the environment of every job: under a runner, under a timer and on the hosts",
     .shown = Shown::active},
    {.path = "runtime.tools",
     .type = list,
     .value = &forms::tool,
     .required = true,
     .meaning = "the tools on PATH; each is the Debian package of its name, unless [packages] "
                "names another; no other tool can be found",
     .example = R"(["bash", "coreutils", "curl", "git", "grep", "sed", "tar"])",
     .shown = Shown::active},
    {.path = "runtime.python",
     .type = list,
     .value = &forms::module,
     .meaning = "Python modules, each the Debian package python3-NAME; they need the tool python3",
     .example = R"(["pytest"])"},
    {.path = "runtime.packages",
     .type = list,
     .value = &forms::debian_package,
     .meaning =
         "Debian packages without commands on PATH, for example a runner's daemon, fonts or data",
     .example = R"(["fonts-dejavu-core"])"},
    {.path = "runtime.host_files",
     .type = list,
     .value = &forms::host_file,
     .meaning = "files and directories of the host below /etc, /opt, /var/cache or /var/lib that "
                "jobs see in place of the environment's",
     .example = R"(["/etc/krb5.conf"])"},
    {.path = "runtime.certificates",
     .type = list,
     .value = &forms::project_file,
     .meaning =
         "PEM files with certificate authorities that every job trusts; relative to this file",
     .example = R"(["certs/company.pem"])"},
    {.path = "runtime.variables", .meaning = "environment variables that every job sees"},
    {.path = "runtime.variables.*",
     .type = text,
     .name = &forms::variable,
     .value = &forms::variable_value,
     .meaning =
         "a variable; PATH, LD_* and others that decide where code is loaded from are refused",
     .example = R"(LC_ALL = "C.UTF-8")"},
    {.path = "sources", .meaning = "where packages come from", .shown = Shown::hidden},
    {.path = "sources.debian",
     .meaning = "the Debian archive; the default of each key is the value from this machine's apt"},
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
     .meaning = "tools and modules that are not simply the Debian package of their name",
     .shown = Shown::hidden},
    {.path = "packages.*",
     .name = &forms::package,
     .meaning = "the package of the tool or Python module of this name; give at most one of "
                "debian, url and file; default: the Debian package of this name",
     .example = "docker"},
    {.path = "packages.*.debian",
     .type = text,
     .value = &forms::debian_package,
     .meaning = "the name of the Debian package",
     .example = R"("docker.io")"},
    {.path = "packages.*.url",
     .type = text,
     .value = &forms::url,
     .meaning = "or the address of an archive, pinned by sha256",
     .example = R"("https://downloads.example.org/tool-1.0.tar.gz")",
     .shown = Shown::hidden},
    {.path = "packages.*.file",
     .type = text,
     .value = &forms::archive_file,
     .meaning = "or the path of an archive, relative to this file, pinned by sha256",
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
     .meaning = "its commands on PATH; default: all of them",
     .example = R"(["docker"])"},
    {.path = "packages.*.recommends",
     .type = flag,
     .meaning = "true: with the packages that the Debian package recommends",
     .example = "true",
     .shown = Shown::hidden},
    {.path = "packages.*.commands.*",
     .type = text,
     .name = &forms::command,
     .value = &forms::command_path,
     .meaning = "a command and its program: a relative path in an archive, an absolute path in a "
                "Debian package",
     .example = R"(docker = "/usr/bin/docker")",
     .shown = Shown::hidden},
    {.path = "entrypoints",
     .meaning = "files that run a command in the environment",
     .shown = Shown::hidden},
    {.path = "entrypoints.*",
     .name = &forms::tool,
     .meaning = "an executable file of this name; `ci-run COMMAND` runs COMMAND in the environment",
     .example = "ci-run",
     .shown = Shown::active},
    {.path = "entrypoints.*.exec",
     .type = list,
     .value = &forms::argument,
     .meaning = "words before the arguments: with this, `ci-run x.py` runs `python3 x.py`",
     .example = R"(["python3"])"},
    {.path = "timers",
     .meaning = "the jobs that the hosts run on a schedule",
     .shown = Shown::hidden},
    {.path = "timers.*",
     .name = &forms::service,
     .meaning = "a systemd timer that runs an entrypoint",
     .example = "nightly"},
    {.path = "timers.*.schedule",
     .type = text,
     .value = &forms::schedule,
     .required = true,
     .meaning = "the time of the job: a systemd calendar expression",
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
     .meaning = "its working directory, an absolute path; default: the directory of this file at "
                "the switch",
     .example = R"("/srv/ci")"},
    {.path = "timers.*.user",
     .type = text,
     .value = &forms::user,
     .meaning = "its user, who must exist on the host; default: root",
     .example = R"("ci")"},
    {.path = "timers.*.timeout",
     .type = text,
     .value = &forms::timeout,
     .meaning = "the time after which the job is stopped and has failed; default: none",
     .example = R"("3h")"},
    {.path = "timers.*.on_failure",
     .type = list,
     .value = &forms::argument,
     .meaning = "a command that runs on the host if the job fails: an entrypoint or an absolute "
                "path, and arguments; its input is the end of the job's log, MONITOR_UNIT and "
                "MONITOR_EXIT_STATUS are set",
     .example = R"(["/usr/local/bin/tell-us"])"},
    {.path = "runners", .meaning = "the CI runner services on the hosts", .shown = Shown::hidden},
    {.path = "runners.*",
     .name = &forms::service,
     .meaning = "a runner service",
     .example = "drone"},
    {.path = "runners.*.kind",
     .type = text,
     .value = &forms::runner_kind,
     .required = true,
     .meaning = "the kind of runner; 'unit' is any other service and needs the key `unit`",
     .example = R"("drone-exec")",
     .choices = runner_kind_names},
    {.path = "runners.*.unit",
     .type = text,
     .value = &forms::unit,
     .meaning = "its systemd unit, if it is not the usual one of its kind",
     .example = R"("drone-runner-exec.service")"},
    {.path = "runners.*.program",
     .type = text,
     .value = &forms::program,
     .meaning = "its daemon's file on the host, if that is below /usr and in no package of "
                "[runtime]; for a github-runner, the path of its runsvc.sh",
     .example = R"("/usr/local/bin/drone-runner-exec")"},
    {.path = "runners.*.trigger",
     .type = list,
     .value = &forms::argument,
     .meaning = "a command that makes the engine run one job; `cc-ci witness` uses it",
     .example = R"(["curl", "-fsS", "-X", "POST", "https://drone.example.org/api/builds"])"},
    {.path = "hosts", .meaning = "the machines that get this environment", .shown = Shown::hidden},
    {.path = "hosts.*",
     .name = &forms::tool,
     .meaning = "a host; it gets the environment of [runtime]",
     .example = "ci-1"},
    {.path = "hosts.*.extra_tools",
     .type = list,
     .value = &forms::tool,
     .meaning = "tools for the people on that host; they never change what jobs see",
     .example = R"(["openssh-client"])"},
    {.path = "hosts.*.address",
     .type = text,
     .value = &forms::address,
     .meaning = "its ssh destination; default: the host's name",
     .example = R"("root@ci-1.example.org")"},
    {.path = "health",
     .meaning = "checks after a switch; if they fail, the host restores its old generation"},
    {.path = "health.units",
     .type = list,
     .value = &forms::any_unit,
     .meaning = "systemd units that must be active",
     .example = R"(["docker.service"])"},
    {.path = "health.commands",
     .type = lines,
     .value = &forms::argument,
     .meaning = "commands that must end with status 0",
     .example = R"([["docker", "info"]])"},
    {.path = "health.deadline",
     .type = text,
     .value = &forms::deadline,
     .meaning = "the time limit of these checks, from 1s to 1h; default: 60s",
     .example = R"("60s")"},
    {.path = "witness",
     .meaning =
         "one real test; `cc-ci witness` runs it in every way that a job can start on a host"},
    {.path = "witness.exec",
     .type = list,
     .value = &forms::argument,
     .required = true,
     .meaning = "an entrypoint and its arguments",
     .example = R"(["ci-run", "./smoke.sh"])"},
    {.path = "baselines",
     .meaning = "the tool lists that this file replaces; the environment must cover each"},
    {.path = "baselines.*",
     .type = baseline,
     .name = &forms::baseline,
     .value = &forms::baseline,
     .meaning = "the names of one old list, or the file that held it",
     .example = R"(old-timer = ["bash", "curl", "git"])"},
    {.path = "baselines.*.from",
     .type = text,
     .value = &forms::revision_file,
     .required = true,
     .meaning = "a file of the repository at a git revision; its lists are read",
     .example = R"("nix/modules/sweep.nix@v1.0")",
     .shown = Shown::hidden},
    {.path = "waivers",
     .meaning = "names of baselines that the environment does not have, each with the reason"},
    {.path = "waivers.*",
     .type = text,
     .name = &forms::baseline,
     .value = &forms::reason,
     .meaning = "the reason why the environment does not have it; proofs show the reason",
     .example = R"(nix = "only the old runner needed it")"},
    {.path = "prove", .meaning = "settings of the proofs", .shown = Shown::hidden},
    {.path = "prove.ignore",
     .meaning = "files and directories in which another list of tools is allowed"},
    {.path = "prove.ignore.*",
     .type = text,
     .name = &forms::repository_path,
     .value = &forms::reason,
     .meaning = "the reason why the list there is not a list of this environment",
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
