// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>

#include "activate/uninstall.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/interruption.hpp"
#include "command/invocation.hpp"
#include "deploy/program_place.hpp"
#include "host/namespaces.hpp"
#include "store/store.hpp"
#include "store/upkeep.hpp"
#include "view/activation.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

void print(Invocation& invocation, const activate::Removal& removal,
           const std::vector<fs::path>& programs) {
  for (const std::string& line : view::plan_lines(removal.plan, true)) invocation.out().line(line);
  for (const fs::path& path : removal.paths) invocation.out().line("remove    " + path.native());
  for (const std::string& root : removal.roots) invocation.out().line("unroot    " + root);
  for (const fs::path& path : programs) invocation.out().line("remove    " + path.native());
  for (const fs::path& path : removal.kept) invocation.out().line("keep      " + path.native());
}

base::Json to_json(const activate::Removal& removal, const std::vector<fs::path>& programs,
                   bool dry_run, const std::string& store) {
  base::Json json{{"schema", 1},
                  {"dry_run", dry_run},
                  {"plan", activate::to_json(removal.plan)},
                  {"paths", base::Json::array()},
                  {"roots", removal.roots},
                  {"kept", base::Json::array()},
                  {"store", store}};
  for (const fs::path& path : removal.paths) json["paths"].push_back(path.native());
  for (const fs::path& path : programs) json["paths"].push_back(path.native());
  for (const fs::path& path : removal.kept) json["kept"].push_back(path.native());
  return json;
}

base::Result<void> require_unused(const store::Store& store) {
  CCCI_TRY(const std::vector<store::Root> users, store::roots_in_use(store));
  if (users.empty()) return {};
  std::vector<std::string> names;
  for (const store::Root& user : users) names.push_back(user.name);
  return base::unexpected(base::fail("activate.in-use")
                              .with("state", store.state().native())
                              .with("processes", base::join(names, "\n")));
}

fs::path normal_path(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

base::Result<int> run_uninstall(Invocation& invocation) {
  const bool dry_run = invocation.has("dry-run");
  const bool purge = invocation.has("purge");
  const bool takes_store = purge || invocation.has("store");
  HostSession session(invocation);
  CCCI_CHECK(session.switcher().check_host(invocation.command().name));
  const command::Interruption interruption;
  CCCI_TRY(const base::Fd lock, session.switcher().lock());
  const fs::path state = normal_path(fs::absolute(invocation.globals().state));
  const std::vector<fs::path> programs = deploy::brought_programs(host_layout(), state);
  activate::UninstallRequest request;
  request.dry_run = dry_run;
  request.purge = purge;
  request.whole_store = takes_store;
  request.release = &host::release_namespace;
  request.announce = [&](const activate::Removal& removal) {
    if (invocation.json()) return;
    print(invocation, removal, programs);
    static_cast<void>(invocation.out().flush());
  };
  // Before anything is removed.
  if (takes_store) CCCI_CHECK(base::refuse_mounts(state));
  activate::Removal removal;
  {
    CCCI_TRY(store::Store store, open_store(invocation, dry_run));
    CCCI_TRY(removal, activate::uninstall(session.switcher(), store, request));
    if (takes_store && !dry_run) CCCI_CHECK(require_unused(store));
  }
  // Last: this program may be one of them, and its launcher was needed until now.
  if (!dry_run) CCCI_CHECK(deploy::forget_programs(host_layout(), state));
  if (takes_store && !dry_run) {
    // Hundreds of thousands of files take a while.
    invocation.progress().begin("removing " + state.native(), 0, base::Progress::Unit::things);
    const auto removed = base::remove_tree(state);
    invocation.progress().end();
    CCCI_CHECK(removed);
  }
  const std::string fate = takes_store ? "removed" : "kept";
  if (invocation.json()) {
    invocation.print(to_json(removal, programs, dry_run, fate));
  } else {
    const std::string verb = dry_run && takes_store ? "would be removed" : "is " + fate;
    invocation.out().line("the store in " + state.native() + " " + verb +
                          (takes_store ? "" : "; --store removes it too"));
    if (!removal.kept.empty()) {
      invocation.out().line("jobs' files below " + std::string(activate::jobs_directory) +
                            " are kept; to remove them and the store: cc-ci uninstall --purge");
    }
  }
  if (removal.unhealthy) return base::unexpected(*removal.unhealthy);
  return 0;
}

}  // namespace

const Command& uninstall_command() {
  static const Command command{
      .name = "uninstall",
      .section = "Hosts",
      .purpose = "remove all traces of switches from this machine",
      .options =
          {dry_run_option(),
           {.name = "store", .help = "remove the whole state directory too"},
           {.name = "purge",
            .help = "remove the whole state directory, and the jobs' files in /var/lib/cc-ci-jobs"},
           json_option()},
      .prose =
          "Removes units, links, generations, the program that a deployment brought, the profile, "
          "the last run times of timers, roots in "
          "the store, kept namespaces and files in /run. Runners are restarted with the host's own "
          "files. If a runner is not healthy without the environment, everything is still removed, "
          "and the exit status is 1. A running timer job is not stopped. The store and the jobs' "
          "files are kept and listed; --purge removes both. It asks no questions.",
      .statuses = {{"1",
                    "everything is removed, but a runner is not healthy without the environment"}},
      .example = "cc-ci uninstall --dry-run",
      .run = &run_uninstall,
  };
  return command;
}

}  // namespace ccci::cli
