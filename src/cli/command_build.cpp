// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/build_record.hpp"
#include "cli/commands.hpp"
#include "cli/project.hpp"

namespace ccci::cli {

namespace {

// From the JSON form, so that a recorded build prints as it did when it was made.
void print_build(Invocation& invocation, const base::Json& json) {
  if (invocation.json()) {
    invocation.print(json);
    return;
  }
  const auto brief = [](const base::Json& object, const char* member) {
    return object.at(member).get<std::string>().substr(0, 12);
  };
  report::Table table({{.heading = ""}, {.heading = ""}, {.heading = "", .elastic = true}});
  const base::Json& environment = json.at("environment");
  table.row({"environment", brief(environment, "hash"),
             base::counted(environment.at("paths").size(), "directory") + " on PATH, " +
                 base::human_bytes(environment.at("bytes").get<std::uint64_t>()) + ", " +
                 base::counted(environment.at("entries").get<std::uint64_t>(), "entry")});
  table.row({"digest", brief(environment, "digest"), environment.at("path")});
  for (const auto& [name, entrypoint] : json.at("entrypoints").items()) {
    table.row({"entrypoint", brief(entrypoint, "digest"), entrypoint.at("path")});
  }
  for (const auto& [name, system] : json.at("hosts").items()) {
    table.row({"host " + name, brief(system, "digest"), system.at("path")});
  }
  invocation.print(table);
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
    // Asked before anything is parsed; whatever is unclear takes the long way below.
    if (const auto record = BuildRecord::open(invocation)) {
      CCCI_TRY(const store::Store store, store::Store::open(invocation.globals().state));
      if (const std::optional<base::Json> known = record->find(store)) {
        print_build(invocation, *known);
        return 0;
      }
    }
  }
  CCCI_TRY(const Project project, open_project(invocation));
  CCCI_TRY(const std::vector<std::string> names, hosts(project, invocation.operands()));
  CCCI_TRY(const lock::Lock lock,
           lock_for_build(project, invocation, !invocation.has("locked") && acts));
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  if (!acts) {
    const host::Builder builder(store, project.declaration, lock, {}, invocation.progress());
    return dry_run(invocation, builder.missing(names));
  }
  CCCI_TRY(const host::Build built, build(project, invocation, store, lock, names));
  const base::Json result = build_result(built);
  // Opened again: locking may just have written the lock.
  if (const auto record = BuildRecord::open(invocation)) {
    CCCI_CHECK(record->keep(root_names(project, built), result));
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
