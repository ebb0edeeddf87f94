// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include "activate/generations.hpp"
#include "activate/retention.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "report/error_text.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

constexpr std::uint64_t most_kept = 100000;
constexpr std::size_t short_hash = 12;

struct GenerationRow {
  activate::Generation generation;  // salvaged if `damage` is not empty
  std::string changed;
  std::string damage;
  activate::Generations::Mark mark = activate::Generations::Mark::unknown;
};

std::string_view word(activate::Generations::Mark mark) {
  switch (mark) {
    case activate::Generations::Mark::unknown:
      return "unknown";
    case activate::Generations::Mark::healthy:
      return "healthy";
    case activate::Generations::Mark::unhealthy:
      return "unhealthy";
  }
  return "?";
}

std::string counted_units(const activate::Generation& before, const activate::Generation& after) {
  std::set<std::string> names;
  for (const auto& [path, digest] : before.units) names.insert(path);
  for (const auto& [path, digest] : after.units) names.insert(path);
  std::size_t count = 0;
  for (const std::string& name : names) {
    const auto old = before.units.find(name);
    const auto now = after.units.find(name);
    if (old == before.units.end() || now == after.units.end() || old->second != now->second) {
      ++count;
    }
  }
  return count == 0 ? std::string() : base::counted(count, "unit");
}

// Compares with the generation with the next lower number, independent of which was active before.
std::string what_changed(const activate::Generation& before, const activate::Generation& after) {
  if (before.number == 0) return "first: " + base::counted(after.units.size(), "unit");
  std::vector<std::string> parts;
  if (before.environment != after.environment) {
    parts.push_back("environment " + after.environment.substr(0, short_hash));
  }
  if (const std::string units = counted_units(before, after); !units.empty()) {
    parts.push_back(units);
  }
  if (before.host != after.host) parts.push_back("host " + after.host);
  if (before.health != after.health) parts.emplace_back("health");
  if (before.project != after.project) parts.emplace_back("project directory");
  if (parts.empty() && before.system != after.system) parts.emplace_back("commands");
  return parts.empty() ? "nothing" : base::join(parts, ", ");
}

base::Result<std::vector<GenerationRow>> rows_of(const activate::Generations& generations) {
  std::vector<GenerationRow> rows;
  activate::Generation before;
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations.numbers());
  for (const std::uint64_t number : numbers) {
    auto generation = generations.read(number);
    if (!generation) {
      // A generation with a damaged record must not hide the others.
      const auto rest = generations.salvage(number);
      rows.push_back({rest ? *rest : activate::Generation{}, "its record cannot be read",
                      wording::message_of(generation.error())});
      rows.back().generation.number = number;
      continue;
    }
    std::string changed = what_changed(before, *generation);
    if (!generation->override_reason.empty())
      changed += "; gate overridden: " + generation->override_reason;
    before = *generation;
    rows.push_back({*std::move(generation), std::move(changed), {}, generations.mark(number)});
  }
  return rows;
}

void print(Invocation& invocation, const std::vector<GenerationRow>& rows, std::uint64_t current,
           std::uint64_t confirmed) {
  report::Table table({{.heading = ""},
                       {.heading = "number", .align = report::Table::Column::Align::right},
                       {.heading = "time"},
                       {.heading = "commit"},
                       {.heading = "health"},
                       {.heading = "changed", .elastic = true}});
  for (const GenerationRow& row : rows) {
    const activate::Generation& generation = row.generation;
    std::string commit = generation.commit.substr(0, short_hash);
    if (generation.dirty) commit += "+";
    std::string mark = generation.number == current ? "*" : "";
    if (generation.number == current && current != confirmed) mark = "!";
    table.row({mark, std::to_string(generation.number), generation.time, commit,
               std::string(word(row.mark)), row.changed});
  }
  invocation.print(table);
  if (rows.empty()) invocation.out().line("no generation");
}

base::Json to_json(const std::vector<GenerationRow>& rows, std::uint64_t current,
                   std::uint64_t confirmed) {
  base::Json json{{"schema", 1},
                  {"current", current},
                  {"confirmed", confirmed},
                  {"generations", base::Json::array()}};
  for (const GenerationRow& row : rows) {
    base::Json entry = base::Json::parse(activate::write_record(row.generation)).value();
    entry["changed"] = row.changed;
    entry["healthy"] = row.mark == activate::Generations::Mark::healthy;
    entry["health"] = word(row.mark);
    if (!row.damage.empty()) entry["damage"] = row.damage;
    json["generations"].push_back(std::move(entry));
  }
  return json;
}

base::Result<void> prune(Invocation& invocation, activate::Switcher& switcher) {
  CCCI_TRY(const std::uint64_t keep,
           invocation.number("keep", activate::kept_generations, most_kept));
  CCCI_CHECK(switcher.check_host(invocation.command().name));
  CCCI_TRY(const base::Fd lock, switcher.lock());
  CCCI_TRY(store::Store store, open_store(invocation));
  CCCI_CHECK(activate::drop_generations(switcher.generations(), store, keep));
  return {};
}

base::Result<int> run_generations(Invocation& invocation) {
  HostSession session(invocation);
  activate::Switcher& switcher = session.switcher();
  if (invocation.value("keep")) CCCI_CHECK(prune(invocation, switcher));
  const activate::Generations& generations = switcher.generations();
  CCCI_TRY(const std::vector<GenerationRow> rows, rows_of(generations));
  const auto found = generations.current();
  // A rollback needs this list, so it is printed even if the link `current` is broken.
  if (!found) {
    invocation.warn(wording::message_of(found.error()));
  }
  const std::uint64_t current = found.value_or(0);
  const std::uint64_t confirmed = generations.confirmed();
  if (invocation.json()) {
    invocation.print(to_json(rows, current, confirmed));
  } else {
    print(invocation, rows, current, confirmed);
  }
  return 0;
}

}  // namespace

const Command& generations_command() {
  static const Command command{
      .name = "generations",
      .section = "Hosts",
      .purpose = "list the generations of this machine",
      .options = {{.name = "keep",
                   .value = "N",
                   .help = "first remove all but the newest N; the current one is always kept"},
                  json_option()},
      .prose =
          "'*' marks the current generation, '!' a current one whose switch did not end. A '+' "
          "after the commit means that the project had uncommitted changes. A switch keeps the "
          "newest 20 generations. cc-ci gc removes the objects of removed generations from the "
          "store.",
      .example = "cc-ci generations --keep 3",
      .run = &run_generations,
  };
  return command;
}

}  // namespace ccci::cli
