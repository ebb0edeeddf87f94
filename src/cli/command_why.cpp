// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/debian_package.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "lock/lock.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "project/why.hpp"
#include "store/store.hpp"

namespace ccci::cli {

namespace {

base::Json to_json(const project::Why& why) {
  base::Json json{{"schema", 1},
                  {"subject", why.subject},
                  {"commands", why.commands},
                  {"package", why.package.name},
                  {"version", why.package.version},
                  {"source", why.package.source},
                  {"suite", why.package.suite},
                  {"sets", why.package.sets},
                  {"essential", why.package.essential},
                  {"declare", why.declare},
                  {"chains", base::Json::array()}};
  for (const project::Chain& chain : why.chains) {
    json["chains"].push_back({{"declared", chain.declared}, {"chain", chain.links}});
  }
  return json;
}

report::Table to_table(const project::Why& why) {
  const source::Package& package = why.package;
  report::Table table({{.heading = ""}, {.heading = "", .elastic = true}});
  for (const std::string& command : why.commands) table.row({"command", command});
  if (!why.declare.empty()) table.row({"declare", why.declare});
  std::string origin =
      package.suite.empty()
          ? package.uri
          : package.suite + (package.component.empty() ? "" : "/" + package.component);
  if (!package.source.empty()) origin = package.source + " " + origin;
  table.row({"package", package.name + " " + package.version + " (" + origin + ")"});
  if (package.essential) table.row({"", "Essential: every Debian system has it"});
  std::vector<std::string> hosts;
  std::vector<std::string> images;
  for (const std::string& set : package.sets) {
    const bool of_image = set.starts_with(source::image_set(""));
    if (of_image) images.push_back(set.substr(source::image_set("").size()));
    if (!of_image && set != "shared") hosts.push_back(set);
  }
  if (!hosts.empty()) table.row({"hosts", base::join(hosts, ", ")});
  if (!images.empty()) table.row({"images", base::join(images, ", ")});
  std::string first = "because";
  for (const project::Chain& chain : why.chains) {
    table.row({std::exchange(first, ""), base::join(chain.links, " -> ")});
    if (!chain.declared.empty()) table.row({"", "declared at " + chain.declared});
  }
  return table;
}

constexpr const char* nothing_has_it = "cli.unknown-name";

// A name that is like a declared one helps nobody who wants a command that Debian has.
base::Error with_package(Invocation& invocation, const project::Project& project,
                         const store::Store& store, const std::string& name, base::Error error) {
  const std::string package = package_with_command(name);
  if (!package.empty()) {
    return base::fail("cli.undeclared-command").with("name", name).with("package", package);
  }
  if (!is_debian_package(invocation, project, store, name)) return error;
  return base::fail("cli.undeclared-package").with("name", name);
}

base::Result<int> run_why(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const lock::Lock lock, project::current_lock(project));
  CCCI_TRY(const store::Store store, look_at_store(invocation));
  const std::string& name = invocation.operands().front();
  auto found = project::why(project, store, lock, name);
  if (!found && found.error().code == nothing_has_it) {
    return base::unexpected(
        with_package(invocation, project, store, name, std::move(found).error()));
  }
  CCCI_TRY(const project::Why why, std::move(found));
  if (invocation.json()) {
    invocation.print(to_json(why));
  } else {
    invocation.print(to_table(why));
  }
  return 0;
}

}  // namespace

const Command& why_command() {
  static const Command command{
      .name = "why",
      .section = "Look",
      .purpose = "show why something is in the environment",
      .operands = {{.name = "NAME", .completes = Completion::package}},
      .options = {json_option()},
      .prose =
          "Shows the line of the declaration and the chain of dependencies. NAME is a tool, a "
          "command, a Python module, a package, or the absolute path of a file in the environment.",
      .example = "cc-ci why libcurl3-gnutls",
      .run = &run_why,
  };
  return command;
}

}  // namespace ccci::cli
