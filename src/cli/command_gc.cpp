// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "host/namespaces.hpp"
#include "store/store.hpp"
#include "store/upkeep.hpp"

namespace ccci::cli {

namespace {

base::Json to_json(const store::Collection& collection, bool dry_run) {
  base::Json json{{"schema", 1},
                  {"dry_run", dry_run},
                  {"bytes", collection.bytes},
                  {"removed", base::Json::array()},
                  {"archives", collection.archives},
                  {"roots", base::Json::array()}};
  for (const store::Address& address : collection.removed) {
    json["removed"].push_back(std::string(store::kind_name(address.kind)) + "/" +
                              address.directory());
  }
  for (const store::Weight& weight : collection.weights) {
    json["roots"].push_back(
        {{"name", weight.root}, {"bytes", weight.total}, {"only", weight.only}});
  }
  return json;
}

void print(Invocation& invocation, const store::Collection& collection, bool dry_run) {
  report::Table weights({{.heading = "root", .elastic = true},
                         {.heading = "holds", .align = report::Table::Column::Align::right},
                         {.heading = "alone", .align = report::Table::Column::Align::right}});
  for (const store::Weight& weight : collection.weights) {
    weights.row({weight.root, base::human_bytes(weight.total), base::human_bytes(weight.only)});
  }
  invocation.print(weights);
  for (const store::Address& address : collection.removed) {
    invocation.out().line((dry_run ? "would remove  " : "removed  ") +
                          std::string(store::kind_name(address.kind)) + "/" + address.directory());
  }
  invocation.out().line(std::string(dry_run ? "would free " : "freed ") +
                        base::human_bytes(collection.bytes) + ": " +
                        base::counted(collection.removed.size(), "object") + ", " +
                        base::counted(collection.archives.size(), "archive"));
}

base::Result<int> run_gc(Invocation& invocation) {
  const bool dry_run = invocation.has("dry-run");
  CCCI_TRY(store::Store store, open_store(invocation, dry_run));
  // No process may join the kept namespace of an environment that will be deleted.
  std::vector<base::Error> kept;
  const auto withdrawn = [&](const store::Address& environment) {
    auto released = host::release_namespace(environment.hash);
    if (!released) kept.push_back(std::move(released).error());
  };
  CCCI_TRY(
      const store::Collection collection,
      store::collect(store, dry_run, invocation.has("archives"), invocation.progress(), withdrawn));
  invocation.end_progress();
  if (!dry_run) {
    if (auto released = host::release_deleted(); !released) {
      kept.push_back(std::move(released).error());
    }
  }
  if (!kept.empty()) return base::unexpected(base::together(std::move(kept)));
  if (invocation.json()) {
    invocation.print(to_json(collection, dry_run));
  } else {
    print(invocation, collection, dry_run);
  }
  return 0;
}

}  // namespace

const Command& gc_command() {
  static const Command command{
      .name = "gc",
      .section = "Upkeep",
      .purpose = "remove the objects that no root needs",
      .options = {{.name = "archives", .help = "also remove fetched archives that no object needs"},
                  dry_run_option(),
                  json_option()},
      .prose =
          "Shows how much disk space each root keeps, and how much it alone keeps. Roots are the "
          "latest build of each declaration, the systems of the host's generations, and "
          "environments in which a process runs. Fetched archives are kept without --archives: "
          "with them you can build a lock again after the mirror dropped its versions.",
      .example = "cc-ci gc --dry-run",
      .run = &run_gc,
  };
  return command;
}

}  // namespace ccci::cli
