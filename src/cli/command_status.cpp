// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <nlohmann/json.hpp>

#include "activate/drift.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/build_record.hpp"
#include "cli/commands.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t brief = 12;

struct Declared {
  bool there = false;  // a declaration was found
  activate::Drifts drifts;
};

activate::Drift not_switched(const std::string& found, const std::string& host) {
  return {"declaration", "switched to", found, "cc-ci switch " + host};
}

// The system that declaration and lock come to; nothing where it is not built.
base::Result<std::optional<std::string>> declared_system(const Project& project,
                                                         Invocation& invocation,
                                                         store::Store& store,
                                                         const lock::Lock& lock,
                                                         const std::string& host) {
  if (const auto record = BuildRecord::open(invocation, {host})) {
    if (const auto known = record->find(store)) {
      return fs::path(known->at("hosts").at(host).at("path").get<std::string>())
          .filename()
          .native();
    }
  }
  host::Builder builder(store, project.declaration, lock, {}, invocation.progress());
  const host::Missing missing = builder.missing({host});
  if (!missing.archives.empty() || !missing.packages.empty() || !missing.environments.empty()) {
    return std::optional<std::string>{};
  }
  CCCI_TRY(const store::Hold hold, store.hold());
  CCCI_TRY(const host::Build built, builder.build({host}));
  return built.systems.at(host).address.directory();
}

base::Result<Declared> compare_with_declaration(Invocation& invocation, store::Store& store,
                                                const activate::Generation& generation) {
  std::error_code error;
  if (!fs::exists(invocation.globals().file, error)) return Declared{};
  CCCI_TRY(const Project project, open_project(invocation));
  const bool same =
      invocation.operands().empty() && project.declaration.hosts.contains(generation.host);
  const auto found =
      this_host(project, invocation, same ? std::vector{generation.host} : invocation.operands());
  // A machine that nothing was installed on may be none of the declared hosts.
  if (!found && found.error().code == "activate.which-host" && generation.number == 0) {
    return Declared{};
  }
  CCCI_TRY(const std::string host, found);
  Declared declared{true, {}};
  if (generation.number != 0 && host != generation.host) {
    declared.drifts.push_back(not_switched("the system of host " + generation.host, host));
    return declared;
  }
  const auto lock = current_lock(project);
  if (!lock) {
    const bool stale = lock.error().code == "cli.stale-lock";
    if (!stale && lock.error().code != "cli.no-lock") return base::unexpected(lock.error());
    declared.drifts.push_back(not_switched(stale ? "newer than its lock" : "not locked", host));
    return declared;
  }
  CCCI_TRY(const auto system, declared_system(project, invocation, store, *lock, host));
  if (!system) {
    declared.drifts.push_back(not_switched("locked, but not built", host));
  } else if (generation.number != 0 && *system != generation.system) {
    activate::Drift drift = not_switched(generation.system.substr(0, brief), host);
    drift.expected = "system " + system->substr(0, brief);
    declared.drifts.push_back(std::move(drift));
  }
  return declared;
}

void print(Invocation& invocation, const activate::Generation& generation,
           const activate::Drifts& drifts, bool declared) {
  const std::string name =
      generation.number == 0
          ? "no generation"
          : "generation " + std::to_string(generation.number) + " of host " + generation.host;
  if (drifts.empty()) {
    if (generation.number == 0) {
      invocation.out().line("no generation is active");
      return;
    }
    invocation.out().line(
        name + (declared ? " is active, as declared"
                         : " is active, without drift; there is no declaration to compare with"));
    return;
  }
  report::Table table({{.heading = "drift"},
                       {.heading = "expected"},
                       {.heading = "found", .elastic = true},
                       {.heading = "remedy"}});
  for (const activate::Drift& drift : drifts) {
    table.row({drift.what, drift.expected, drift.found, drift.remedy});
  }
  invocation.print(table);
  invocation.out().line(name + ": " + base::counted(drifts.size(), "difference"));
}

base::Json to_json(const activate::Generation& generation, const activate::Drifts& drifts,
                   bool declared) {
  base::Json json{{"schema", 1},
                  {"generation", generation.number},
                  {"host", generation.host},
                  {"system", generation.system},
                  {"environment", generation.environment},
                  {"declaration", declared},
                  {"drift", base::Json::array()}};
  for (const activate::Drift& drift : drifts) {
    json["drift"].push_back({{"what", drift.what},
                             {"expected", drift.expected},
                             {"found", drift.found},
                             {"remedy", drift.remedy}});
  }
  return json;
}

base::Result<int> run_status(Invocation& invocation) {
  HostSession session(invocation);
  CCCI_CHECK(session.switcher().check_host(invocation.command().name));
  const activate::Generations& generations = session.switcher().generations();
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  const activate::Generation generation = generations.standing();
  CCCI_TRY(activate::Drifts drifts, activate::find_drift(generations, store, session.systemd(),
                                                         base::real_processes(), generation));
  CCCI_TRY(Declared declared, compare_with_declaration(invocation, store, generation));
  for (activate::Drift& drift : declared.drifts) drifts.push_back(std::move(drift));
  if (declared.there && generation.number == 0 && declared.drifts.empty()) {
    drifts.push_back(not_switched("nothing is installed", ""));
  }
  invocation.end_progress();
  if (invocation.json()) {
    invocation.print(to_json(generation, drifts, declared.there));
  } else {
    print(invocation, generation, drifts, declared.there);
  }
  return drifts.empty() ? 0 : 1;
}

}  // namespace

const Command& status_command() {
  static const Command command{
      .name = "status",
      .section = "Hosts",
      .purpose = "compare this machine with its generation and the declaration",
      .operands = {{.name = "HOST", .optional = true, .completes = Completion::host}},
      .options = {json_option()},
      .prose =
          "Names each difference and what to type:\n\n"
          "  files, links and units that were changed by hand\n"
          "  timers that are not active or not enabled\n"
          "  runner processes that run in another environment\n"
          "  a PATH with other directories before the declared tools\n"
          "  leftovers of a killed switch or witness\n"
          "  a declaration or lock that is not active yet\n\n"
          "Without a declaration, the last check is left out.",
      .statuses = {{"1", "there is a difference"}},
      .example = "cc-ci status --json",
      .run = &run_status,
  };
  return command;
}

}  // namespace ccci::cli
