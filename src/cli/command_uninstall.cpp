// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "activate/uninstall.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "host/namespaces.hpp"
#include "store/upkeep.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

void print(Invocation& invocation, const activate::Removal& removal) {
  for (const std::string& line : plan_lines(removal.plan, true)) invocation.out().line(line);
  for (const fs::path& path : removal.paths) invocation.out().line("remove    " + path.native());
  for (const std::string& root : removal.roots) invocation.out().line("unroot    " + root);
}

base::Json to_json(const activate::Removal& removal, bool dry_run, const std::string& store) {
  base::Json json{{"schema", 1},
                  {"dry_run", dry_run},
                  {"plan", activate::to_json(removal.plan)},
                  {"paths", base::Json::array()},
                  {"roots", removal.roots},
                  {"store", store}};
  for (const fs::path& path : removal.paths) json["paths"].push_back(path.native());
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

base::Result<void> remove_state(const fs::path& state) {
  const fs::path path = fs::absolute(state).lexically_normal();
  CCCI_TRY(const base::Fd parent, base::open_path(path.parent_path(), O_RDONLY | O_DIRECTORY));
  return base::remove_tree(parent.get(), path.filename().native());
}

base::Result<int> run_uninstall(Invocation& invocation) {
  const bool dry_run = invocation.has("dry-run");
  HostSession session(invocation);
  CCCI_CHECK(session.switcher().check_host());
  const Interruption interruption;
  CCCI_TRY(const base::Fd lock, session.switcher().lock());
  const fs::path state = invocation.globals().state;
  activate::UninstallRequest request;
  request.dry_run = dry_run;
  request.release = &host::release_namespace;
  request.announce = [&](const activate::Removal& removal) {
    if (invocation.json()) return;
    print(invocation, removal);
    static_cast<void>(invocation.out().flush());
  };
  activate::Removal removal;
  {
    CCCI_TRY(store::Store store, store::Store::open(state));
    CCCI_TRY(removal, activate::uninstall(session.switcher(), store, request));
    if (invocation.has("store") && !dry_run) CCCI_CHECK(require_unused(store));
  }
  if (invocation.has("store") && !dry_run) CCCI_CHECK(remove_state(state));
  const std::string fate = invocation.has("store") ? "removed" : "kept";
  if (invocation.json()) {
    invocation.print(to_json(removal, dry_run, fate));
  } else {
    const std::string verb = dry_run && invocation.has("store") ? "would be removed" : "is " + fate;
    invocation.out().line("the store in " + state.native() + " " + verb +
                          (fate == "kept" ? "; --store removes it too" : ""));
  }
  return 0;
}

}  // namespace

const Command& uninstall_command() {
  static const Command command{
      .name = "uninstall",
      .section = "Hosts",
      .purpose = "take every trace of a switch off this machine",
      .options = {dry_run_option(),
                  {.name = "store", .help = "the whole state directory too"},
                  json_option()},
      .prose =
          "Units, links, generations, profile, the times at which timers ran last, roots in "
          "the store, kept namespaces and what lies on /run. Runners go on with the host's "
          "own files. A run of a timer that is under way goes on as well. Asks nothing.",
      .example = "cc-ci uninstall --dry-run",
      .run = &run_uninstall,
  };
  return command;
}

}  // namespace ccci::cli
