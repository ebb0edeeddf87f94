// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/build_cache.hpp"
#include "project/declared_files.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

// Prints from the JSON form, so that a recorded build is printed in the same way as a new one.
void print_build(Invocation& invocation, const base::Json& json) {
  if (invocation.json()) {
    invocation.print(json);
    return;
  }
  const auto brief = [](const base::Json& object, const char* member) {
    return object[member].text_or_empty().substr(0, 12);
  };
  report::Table table({{.heading = ""}, {.heading = ""}, {.heading = "", .elastic = true}});
  const base::Json& environment = json["environment"];
  table.row({"environment", brief(environment, "hash"),
             base::counted(environment["paths"].size(), "directory") + " on PATH, " +
                 base::human_bytes(environment["bytes"].number().value_or(0)) + ", " +
                 base::counted(environment["entries"].number().value_or(0), "entry")});
  table.row({"digest", brief(environment, "digest"), environment["path"].text_or_empty()});
  for (const auto& [name, entrypoint] : json["entrypoints"].items()) {
    table.row({"entrypoint", brief(entrypoint, "digest"), entrypoint["path"].text_or_empty()});
  }
  for (const auto& [name, system] : json["hosts"].items()) {
    table.row({"host " + name, brief(system, "digest"), system["path"].text_or_empty()});
  }
  invocation.print(table);
}

// Only after something was built: who builds again knows it.
base::Result<void> note_lost_rights(Invocation& invocation, const store::Store& store,
                                    const lock::Lock& lock) {
  CCCI_TRY(const std::vector<std::string> files, project::lost_rights(store, lock));
  if (files.empty()) return {};
  invocation.progress().note(
      "these programs lost their set-id bits or capabilities, so a job that is not root gains no "
      "rights by them: " +
      base::join(files, ", "));
  return {};
}

base::Result<int> dry_run(Invocation& invocation, const host::Missing& missing) {
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"fetch", base::Json::array()},
                    {"unpack", base::Json::array()},
                    {"compose", base::Json::array()}};
    for (const auto& package : missing.archives) json["fetch"].push_back(package.name);
    for (const auto& package : missing.packages) json["unpack"].push_back(package.name);
    for (const auto& address : missing.environments) json["compose"].push_back(address.directory());
    invocation.print(json);
    return 0;
  }
  for (const auto& package : missing.archives) {
    invocation.out().line("fetch    " + package.name + " " + package.version + " (" +
                          base::human_bytes(package.size) + ")");
  }
  for (const auto& package : missing.packages) {
    invocation.out().line("unpack   " + package.name + " " + package.version);
  }
  for (const auto& address : missing.environments) {
    invocation.out().line("compose  " + address.directory());
  }
  if (missing.environments.empty()) invocation.out().line("nothing to do");
  return 0;
}

base::Result<int> run_build(Invocation& invocation) {
  const bool acts = !invocation.has("dry-run");
  if (acts) {
    // The cache is read before anything is parsed. If there is nothing to do, parsing would take
    // most of the time.
    if (const auto cache = project::BuildCache::open(
            invocation.globals().file, invocation.globals().state, invocation.operands())) {
      CCCI_TRY(const store::Store store, open_store(invocation));
      if (const std::optional<base::Json> known = cache->find(store)) {
        print_build(invocation, *known);
        return 0;
      }
    }
  }
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::vector<std::string> names, project::hosts(project, invocation.operands()));
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, invocation.context(),
                                                          !invocation.has("locked") && acts));
  CCCI_TRY(store::Store store, open_store(invocation, !acts));
  if (!acts) {
    const host::Builder builder(store, project.declaration, lock, {}, invocation.progress());
    return dry_run(invocation, builder.missing(names));
  }
  CCCI_TRY(const host::Build built,
           project::build(project, invocation.context(), store, lock, names));
  CCCI_CHECK(note_lost_rights(invocation, store, lock));
  invocation.end_progress();
  const base::Json result = project::to_json(built);
  // The cache is opened again, because the lock may have been written in the meantime.
  if (const auto cache = project::BuildCache::open(project.file, invocation.globals().state,
                                                   invocation.operands())) {
    CCCI_CHECK(cache->keep(project::root_names(project, built),
                           project::file_digests(project.declaration), result));
  }
  print_build(invocation, result);
  return 0;
}

}  // namespace

const Command& build_command() {
  static const Command command{
      .name = "build",
      .section = "Lock and build",
      .purpose = "build the environment, its entrypoints and the hosts' systems",
      .operands =
          {{.name = "HOST", .optional = true, .repeatable = true, .completes = Completion::host}},
      .options = {{.name = "locked", .help = "never resolve; fail if the lock is missing or stale"},
                  dry_run_option(),
                  json_option()},
      .prose =
          "Fetches missing archives, unpacks packages into the store, and composes one closed "
          "environment for all hosts and one for each host with extra tools. Without HOST, the "
          "systems of all declared hosts are built. Existing objects are not built again.\n\n"
          "If there is no lock, or if it does not agree with the declaration, cc-ci lock runs "
          "first; --locked forbids that.",
      .example = "cc-ci build --locked --json",
      .run = &run_build,
  };
  return command;
}

}  // namespace ccci::cli
