// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts to other programs and machines, and from them.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_results.hpp"
#include "command/invocation.hpp"
#include "project/project.hpp"
#include "sweep/export.hpp"
#include "sweep/night.hpp"

namespace ccci::cli {

namespace {

constexpr std::uint64_t largest_import = 256U << 20U;  // bytes
constexpr std::size_t every_run = 1'000'000;           // of a recipe

// Of a night or a recipe, or of all nights that are known; the oldest first.
base::Result<std::vector<history::Record>> exported(const history::History& history,
                                                    const std::vector<std::string>& names) {
  std::vector<std::string> wanted = names;
  if (wanted.empty()) {
    CCCI_TRY(const std::vector<history::Night> nights, history.nights(every_night));
    for (auto night = nights.rbegin(); night != nights.rend(); ++night)
      wanted.push_back(night->name);
  }
  std::vector<history::Record> all;
  for (const std::string& name : wanted) {
    CCCI_TRY(std::vector<history::Record> records, history.of_night(name));
    if (records.empty()) {
      CCCI_TRY(const auto night, history.night(name));
      CCCI_TRY(records, history.of_recipe(name, every_run));
      if (!night && records.empty()) return base::unexpected(unknown_results(history, name));
      std::reverse(records.begin(), records.end());
    }
    std::move(records.begin(), records.end(), std::back_inserter(all));
  }
  return all;
}

base::Result<int> export_results(Invocation& invocation) {
  CCCI_TRY(const history::History history, open_results(invocation, history::Access::read));
  CCCI_TRY(const auto records, exported(history, invocation.operands()));
  const std::string format = invocation.value("format").value_or("json");
  if (format == "junit") {
    invocation.out().write(report::Document(sweep::export_junit(records)));
  } else if (format == "csv") {
    invocation.out().write(report::Document(sweep::export_csv(records)));
  } else if (format == "json") {
    invocation.print(sweep::export_json(records));
  } else {
    return base::unexpected(base::fail("sweep.unknown-format")
                                .with("format", format)
                                .with("known", "csv, json, junit"));
  }
  return 0;
}

base::Result<int> import_results(Invocation& invocation) {
  const std::string night = invocation.value("night").value_or("");
  if (invocation.has("night")) CCCI_CHECK(sweep::check_night(night));
  std::vector<history::Record> records;
  for (const std::string& file : invocation.operands()) {
    CCCI_TRY(const std::string text, base::read_file(file, largest_import));
    CCCI_TRY(std::vector<history::Record> read, sweep::import_json(text, file, night));
    for (history::Record& record : read) {
      // Its files are on this machine, next to it.
      if (record.place.empty() && record.machine.empty()) record.machine = project::machine_name();
      records.push_back(std::move(record));
    }
  }
  CCCI_TRY(history::History history, open_results(invocation, history::Access::write));
  std::set<std::string> nights;
  std::set<std::string> recipes;
  for (const history::Record& record : records) {
    nights.insert(record.night);
    recipes.insert(record.recipe);
  }
  for (const std::string& name : nights)
    CCCI_CHECK(sweep::check_no_recipe(name, recipes, &history));
  for (const history::Record& record : records) {
    CCCI_CHECK(history.begin({record.night, record.started, {}, record.environment, record.machine},
                             {{record.recipe, true, record.decision, record.version}}));
    CCCI_CHECK(history.end(record.night, record.started));
  }
  for (const history::Record& record : records) {
    CCCI_TRY(const auto known, history.find(record.recipe, record.night, record.environment));
    if (!known || known->verdict == record.verdict) continue;
    invocation.warn(base::printable(
        record.night + "/" + record.recipe + ": the stored verdict is " +
        std::string(history::name(known->verdict)) + ", and stays; that of the file is " +
        std::string(history::name(record.verdict))));
  }
  CCCI_TRY(const auto canonicals, history.canonicals());
  sweep::keep_later_canonicals(records, canonicals);
  CCCI_TRY(const std::size_t stored, history.add_all(records));
  if (invocation.json()) {
    invocation.print(
        base::Json{{"schema", 1}, {"stored", stored}, {"known", records.size() - stored}});
    return 0;
  }
  invocation.out().line(base::counted(stored, "verdict") + " stored, " +
                        std::to_string(records.size() - stored) + " known already");
  return 0;
}

}  // namespace

const Command& results_export_command() {
  static const Command command{
      .name = "results export",
      .section = "Run",
      .purpose = "print verdicts as JSON, JUnit or CSV",
      .operands = {{.name = "WHAT", .optional = true, .repeatable = true}},
      .options =
          {{.name = "format", .value = "FORMAT", .help = "json, junit or csv", .shown = "json"}},
      .prose = "WHAT is a night, or a recipe with all its runs. Without it all nights are printed.",
      .example = "cc-ci results export --format csv",
      .run = &export_results,
  };
  return command;
}

const Command& results_import_command() {
  static const Command command{
      .name = "results import",
      .section = "Run",
      .purpose = "store verdicts of another machine",
      .operands = {{.name = "FILE", .repeatable = true, .completes = Completion::file}},
      .options = {{.name = "night", .value = "NAME", .help = "the night of a results.json"},
                  json_option()},
      .prose =
          "FILE is a results.json of `cc-ci test`, or what `cc-ci results export --format "
          "json` printed. A verdict that is stored already is not stored again.",
      .example = "cc-ci results import out/results.json --night 2026-11-28",
      .run = &import_results,
  };
  return command;
}

}  // namespace ccci::cli
