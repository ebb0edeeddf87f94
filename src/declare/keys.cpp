// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/keys.hpp"

#include <algorithm>
#include <vector>

#include "declare/browser_keys.hpp"
#include "declare/declaration.hpp"
#include "declare/image_keys.hpp"
#include "declare/npm_keys.hpp"
#include "declare/recipe_keys.hpp"
#include "declare/service_keys.hpp"
#include "declare/source_keys.hpp"

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
                "jobs see in place of the environment's, and those of its packages below /srv or "
                "/var/www",
     .example = R"(["/etc/krb5.conf"])"},
    {.path = "runtime.absent_libraries",
     .type = list,
     .value = &forms::library,
     .meaning = "shared libraries that files of other archives and indexes need, and no job uses",
     .example = R"(["libmysqlclient.so.21"])",
     .shown = Shown::hidden},
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
    {.path = "packages",
     .meaning = "tools and modules that are not simply the Debian package of their name",
     .shown = Shown::hidden},
    {.path = "packages.*",
     .name = &forms::package,
     .meaning = "the package of the tool or Python module of this name; give at most one of "
                "debian, pypi, npm, url and file; default: the Debian package of this name",
     .example = "docker"},
    {.path = "packages.*.debian",
     .type = text,
     .value = &forms::debian_package,
     .meaning = "the name of the Debian package",
     .example = R"("docker.io")"},
    {.path = "packages.*.pypi",
     .type = text,
     .value = &forms::pypi_name,
     .meaning = "or the name of a project of the Python package index",
     .example = R"("playwright")",
     .shown = Shown::hidden},
    {.path = "packages.*.source",
     .type = text,
     .value = &forms::source_name,
     .meaning =
         "the archive that the Debian package comes from, a NAME of [sources.NAME]; default: "
         "debian",
     .example = R"("vendor")",
     .shown = Shown::hidden},
    {.path = "packages.*.suite",
     .type = text,
     .value = &forms::archive_suite,
     .meaning = "the suite that the Debian package comes from; default: any but backports",
     .example = R"("bookworm-backports")",
     .shown = Shown::hidden},
    {.path = "packages.*.version",
     .type = text,
     .value = &forms::version,
     .meaning =
         "the versions that may be used: of a Debian package exact or with '*', of a project "
         "of the index as pip has them; default: any",
     .example = R"("1.9.*")",
     .shown = Shown::hidden},
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
    {.path = "gates",
     .meaning = "gates that must have passed before a host is changed",
     .shown = Shown::hidden},
    {.path = "gates.*",
     .name = &forms::gate,
     .meaning = "a gate of gates/",
     .example = "M1",
     .shown = Shown::hidden},
    {.path = "gates.*.blocks",
     .type = list,
     .value = &forms::blocked,
     .required = true,
     .meaning = "the commands that stop without a fresh PASS for what they would activate: deploy, "
                "switch",
     .example = R"(["deploy", "switch"])",
     .shown = Shown::hidden},
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

std::span<const Key> keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> joined(std::begin(rows), std::end(rows));
    const auto before = [&](std::string_view path, std::span<const Key> more) {
      const auto place = std::find_if(joined.begin(), joined.end(),
                                      [&](const Key& row) { return row.path == path; });
      joined.insert(place, more.begin(), more.end());
    };
    before("packages", source_keys());
    before("gates", service_keys());
    before("health", recipe_keys());
    for (const auto more : {image_keys(), browser_keys(), npm_keys()})
      joined.insert(joined.end(), more.begin(), more.end());
    return joined;
  }();
  return all;
}

}  // namespace ccci::declare
