// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/configure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/files.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "configure/groups.hpp"
#include "configure/results.hpp"
#include "environment/build.hpp"
#include "environment/covered_commands.hpp"
#include "environment/plan.hpp"
#include "seal/sealed_run.hpp"
#include "store/meta.hpp"
#include "store/package.hpp"

namespace ccci::configure {

namespace {

using base::Json;
using environment::Part;

constexpr const char* replaced_directory = "usr/lib/cc-ci/replaced";
constexpr std::uint64_t largest_status = 64U << 20U;

// What a root must have so that scripts run in it. Nothing of it is kept.
std::vector<environment::OwnFile> own_files(const std::vector<Part>& members) {
  std::vector<environment::OwnFile> files;
  for (const char* directory :
       {"boot",    "dev",         "etc",       "home",         "media",     "mnt",
        "opt",     "proc",        "root",      "run",          "srv",       "sys",
        "tmp",     "var/backups", "var/cache", "var/lib/misc", "var/local", "var/lock",
        "var/log", "var/mail",    "var/run",   "var/spool",    "var/tmp"}) {
    files.push_back({.path = directory, .directory = true});
  }
  // Scripts that ask before they start a service are told no.
  files.push_back(
      {.path = "usr/sbin/policy-rc.d", .content = "#!/bin/sh\nexit 101\n", .executable = true});
  files.push_back({.path = "etc/hostname", .content = "localhost\n"});
  files.push_back({.path = "etc/hosts", .content = "127.0.0.1 localhost\n::1 localhost\n"});
  files.push_back({.path = "etc/resolv.conf"});
  files.push_back({.path = seal::clock_path, .content = seal::clock_library()});
  // These are first on PATH. They do nothing.
  for (const environment::CoveredCommand& command : environment::covered_commands()) {
    if (command.how != environment::CoveredCommand::How::replaced) continue;
    files.push_back({.path = std::string(replaced_directory) + "/" + std::string(command.name),
                     .content = "#!/bin/sh\n",
                     .executable = true});
  }
  // Byte code is never kept, and compiling takes longer than all other scripts of python3.
  for (const Part& part : members) {
    for (const store::Entry& entry : part.manifest.entries) {
      if (entry.path.ends_with("/py_compile.py")) files.push_back({.path = entry.path});
    }
  }
  return files;
}

std::vector<std::string> variables(std::int64_t epoch) {
  const std::string seconds = std::to_string(epoch);
  return {std::string("PATH=/") + replaced_directory + ":/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=/root",
          "LC_ALL=C.UTF-8",
          "TZ=UTC0",
          "DEBIAN_FRONTEND=noninteractive",
          "DEBCONF_NONINTERACTIVE_SEEN=true",
          "DPKG_FORCE=unsafe-io,depends,confold",
          "SOURCE_DATE_EPOCH=" + seconds,
          "FORCE_SOURCE_DATE=1",
          "PERL_HASH_SEED=0",
          "PYTHONHASHSEED=0",
          "PYTHONDONTWRITEBYTECODE=1",
          std::string("LD_PRELOAD=/") + seal::clock_path,
          "CC_CI_CLOCK=" + seconds};
}

std::vector<std::vector<std::string>> commands(const Group& group, const std::vector<Part>& parts) {
  std::vector<std::vector<std::string>> all;
  for (const std::size_t at : group.members) {
    const Part& part = parts[at];
    if (std::find(group.preinsts.begin(), group.preinsts.end(), part.package.name) ==
        group.preinsts.end()) {
      continue;
    }
    const bool same = part.field("Multi-Arch") == "same";
    const std::string name =
        same ? part.package.name + ":" + part.field("Architecture") : part.package.name;
    all.push_back({"/usr/bin/env", "DPKG_MAINTSCRIPT_NAME=preinst",
                   "DPKG_MAINTSCRIPT_PACKAGE=" + part.package.name,
                   "DPKG_MAINTSCRIPT_ARCH=" + part.field("Architecture"),
                   "DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1",
                   "DPKG_ROOT=", "/var/lib/dpkg/info/" + name + ".preinst", "install"});
  }
  // Twice: a hook in another package's configuration may expect that this package is configured.
  // dpkg itself would not have put that configuration in place yet.
  for (int turn = 0; turn < 2; ++turn) {
    all.push_back({"/usr/bin/dpkg", "--abort-after=100000", "--configure", "--pending"});
  }
  return all;
}

base::Result<base::Fd> make_directory(int parent, const char* name, mode_t mode) {
  if (mkdirat(parent, name, mode) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
  }
  return base::open_in_root(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

// The last line of the output that says something about the package.
std::string last_words(const std::string& output, const std::string& package) {
  std::string last;
  for (const std::string_view line : base::split(output, '\n')) {
    if (line.find(package) != std::string_view::npos && !base::trim(line).empty()) last = line;
  }
  return base::printable(last.substr(0, 300));
}

Json printable_lines(const std::string& output) {
  Json lines = Json::array();
  for (const std::string_view line : base::split(output, '\n')) {
    if (!line.empty()) lines.push_back(base::printable(line.substr(0, 400)));
  }
  return lines;
}

// The packages whose configuration did not end well, from dpkg's own record.
base::Result<std::vector<std::pair<std::string, std::string>>> failures(
    const Group& group, const seal::SealedOutcome& outcome) {
  std::set<std::string> good;
  const auto file = base::open_in_root(outcome.upper.get(), "var/lib/dpkg/status",
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file) {
    CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_status, "status"));
    std::string package;
    for (const std::string_view line : base::split(text, '\n')) {
      if (line.starts_with("Package: ")) package = line.substr(9);
      if (line == "Status: install ok installed") good.insert(package);
    }
  }
  std::vector<std::pair<std::string, std::string>> failed;
  for (const std::string& package : group.runs) {
    if (good.contains(package)) continue;
    std::string why =
        outcome.timed_out ? "it did not end in 10 minutes" : last_words(outcome.output, package);
    failed.emplace_back(package, why.empty() ? "it failed" : std::move(why));
  }
  return failed;
}

Json meta_of(const Group& group, const Results& results,
             const std::vector<std::pair<std::string, std::string>>& failed) {
  Json meta{{"ran", group.runs},
            {"because", group.because},
            {"removed", results.removed},
            {"left_out", Json::array()},
            {"failed", Json::array()}};
  for (const LeftOut& one : results.left_out) {
    meta["left_out"].push_back({{"path", one.path}, {"why", one.why}});
  }
  for (const auto& [package, why] : failed) {
    meta["failed"].push_back({{"package", package}, {"why", why}});
  }
  return meta;
}

// overlayfs leaves a directory with mode 000 in work/.
void remove_scratch(int directory) {
  static_cast<void>(!fchmodat(directory, "work/work", 0700, 0));
  for (const char* name : {"mnt", "work", "upper", "lower"}) {
    static_cast<void>(base::remove_tree(directory, name));
  }
}

base::Result<void> run_group(store::Store& store, const Group& group,
                             const std::vector<Part>& members, bool first,
                             store::Staging& staging) {
  const int directory = staging.directory();
  CCCI_TRY(const base::Fd lower, make_directory(directory, "lower", 0755));
  for (const char* name : {"upper", "work", "mnt", "root"}) {
    CCCI_CHECK(make_directory(directory, name, 0755));
  }
  CCCI_TRY(const environment::Plan plan,
           environment::plan_root(members, group.pending, own_files(members)));
  CCCI_TRY(const store::WrittenTree before,
           environment::compose_root(store, plan, members, lower.get(), staging.path() / "lower"));
  seal::SealedRun run;
  run.directory = directory;
  run.path = staging.path().native();
  std::vector<std::size_t> every(members.size());
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
  Group renumbered = group;
  renumbered.members = every;
  run.commands = commands(renumbered, members);
  run.variables = variables(plan.epoch);
  auto outcome = seal::run_sealed(run);
  if (!outcome) {
    remove_scratch(directory);
    return base::unexpected(
        std::move(outcome).error().with("packages", base::join(group.runs, ", ")));
  }
  CCCI_TRY(const auto failed, failures(group, *outcome));
  auto results = harvest({.upper = outcome->upper.get(),
                          .directory = directory,
                          .before = before.manifest,
                          .epoch = plan.epoch,
                          .accounts = first});
  remove_scratch(directory);
  if (!results) return base::unexpected(std::move(results).error());
  Json meta = meta_of(group, *results, failed);
  if (!failed.empty()) meta["output"] = printable_lines(outcome->output);
  staging.root_is_normal();
  return store::write_content(staging, results->tree.manifest, results->tree.digest,
                              std::move(meta));
}

base::Result<Part> read_result(const store::Store& store, const store::Address& address) {
  CCCI_TRY(Part part, environment::read_generated(store, address));
  CCCI_TRY(const Json meta, store::read_meta(store, address));
  base::JsonReader members(meta);
  part.removed = members.texts("removed");
  for (const std::string& package : members.texts("ran")) part.outcome.emplace(package, "");
  part.because = members.text_map("because");
  for (const Json& failed : members.array("failed")) {
    base::JsonReader one(failed);
    part.outcome.insert_or_assign(one.text("package"), one.text("why"));
    members.require(one.good(), "failed");
  }
  if (!members.good()) {
    return base::unexpected(base::fail("store.meta").with("object", store::reference(address)));
  }
  return part;
}

base::Result<Part> ensure(store::Store& store, const Group& group, const std::vector<Part>& parts,
                          const Part* before) {
  const store::Address address =
      address_of(group, parts, before != nullptr ? &before->object : nullptr);
  CCCI_TRY(std::optional<store::Staging> staging, store.claim(address));
  if (staging) {
    std::vector<Part> members;
    for (const std::size_t at : group.members) members.push_back(parts[at]);
    if (before != nullptr) members.push_back(*before);
    CCCI_CHECK(run_group(store, group, members, before == nullptr, *staging));
    CCCI_CHECK(store.publish(std::move(*staging)));
  }
  return read_result(store, address);
}

}  // namespace

base::Result<std::vector<Part>> configured(store::Store& store, const std::vector<Part>& parts,
                                           base::Progress& progress) {
  const std::vector<Group> planned = groups(parts);
  std::vector<Part> results;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    if (planned[i].runs.empty()) continue;
    progress.advance(0, "configuring " + base::join(planned[i].runs, ", "));
    const bool has_first = !planned.front().runs.empty();
    CCCI_TRY(Part made,
             ensure(store, planned[i], parts, i > 0 && has_first ? &results.front() : nullptr));
    results.push_back(std::move(made));
  }
  return results;
}

}  // namespace ccci::configure
