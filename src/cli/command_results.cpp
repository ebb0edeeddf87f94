// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_results.hpp"
#include "command/invocation.hpp"
#include "history/history.hpp"
#include "project/project.hpp"
#include "sweep/export.hpp"
#include "sweep/run_files.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t shown_nights = 20;
constexpr std::size_t shown_runs = 30;
constexpr std::size_t short_digest = 12;

using report::Table;

std::string seconds(const history::Record& record) {
  return base::human_seconds(history::in_seconds(record.time));
}

std::string shortened(const std::string& digest) {
  const std::size_t colon = digest.find(':');
  return digest.substr(colon == std::string::npos ? 0 : colon + 1, short_digest);
}

base::Json night_json(const history::Night& night, const std::vector<history::Record>& records,
                      const std::vector<history::PlannedRecipe>& plan) {
  std::map<std::string, std::uint64_t> counts{
      {"pass", 0}, {"fail", 0}, {"flaky", 0}, {"unverified", 0}};
  for (const history::Record& record : records)
    ++counts[std::string(history::name(record.verdict))];
  const auto skipped =
      std::count_if(plan.begin(), plan.end(), [](const auto& row) { return !row.run; });
  base::Json json{{"night", night.name},      {"started", night.started},
                  {"ended", night.ended},     {"environment", night.environment},
                  {"machine", night.machine}, {"partial", night.partial}};
  for (const auto& [verdict, count] : counts) json[verdict] = count;
  json["skipped"] = static_cast<std::uint64_t>(skipped);
  return json;
}

base::Result<int> list(Invocation& invocation) {
  CCCI_TRY(const history::History history, open_results(invocation, history::Access::read));
  const std::size_t most = invocation.has("all") ? every_night : shown_nights;
  CCCI_TRY(const std::vector<history::Night> nights, history.nights(most));
  base::Json rows = base::Json::array();
  for (const history::Night& night : nights) {
    CCCI_TRY(const auto records, history.of_night(night.name));
    CCCI_TRY(const auto plan, history.plan(night.name));
    rows.push_back(night_json(night, records, plan));
  }
  if (invocation.json()) {
    invocation.print(base::Json{{"schema", 1}, {"nights", std::move(rows)}});
    return 0;
  }
  constexpr auto right = Table::Column::Align::right;
  Table table({{.heading = "night"},
               {.heading = "pass", .align = right},
               {.heading = "fail", .align = right},
               {.heading = "flaky", .align = right},
               {.heading = "unverified", .align = right},
               {.heading = "skipped", .align = right},
               {.heading = "environment"},
               {.heading = "state"}});
  for (const base::Json& row : rows) {
    std::vector<std::string> cells{row["night"].text_or_empty()};
    for (const char* count : {"pass", "fail", "flaky", "unverified", "skipped"})
      cells.push_back(std::to_string(row[count].number().value_or(0)));
    cells.push_back(shortened(row["environment"].text_or_empty()));
    std::string state = row["ended"].text_or_empty().empty() ? "unfinished" : "";
    if (row["partial"].boolean().value_or(false))
      state += state.empty() ? "some recipes" : ", some recipes";
    cells.push_back(std::move(state));
    table.row(std::move(cells));
  }
  invocation.print(table);
  return 0;
}

void print_records(Invocation& invocation, const std::vector<history::Record>& records,
                   bool by_night) {
  Table table({{.heading = by_night ? "recipe" : "night"},
               {.heading = "version"},
               {.heading = "verdict"},
               {.heading = "level", .align = Table::Column::Align::right},
               {.heading = "time", .align = Table::Column::Align::right},
               {.heading = "reason", .elastic = true}});
  for (const history::Record& record : records) {
    std::string reason = record.reason;
    if (!record.cause.empty()) reason += " (" + record.cause + ")";
    table.row({by_night ? record.recipe : record.night, record.version,
               std::string(history::name(record.verdict)), std::to_string(record.level),
               seconds(record), reason});
  }
  invocation.print(table);
}

// A recipe that was red first was run again, and the record names only the files of that run.
std::string files_of_first_run(const history::Record& record) {
  if (record.machine != project::machine_name() || !record.place.ends_with(sweep::second_run))
    return {};
  std::string first = record.place;
  first.resize(first.size() - sweep::second_run.size());
  std::error_code error;
  const bool kept = std::filesystem::is_directory(std::filesystem::symlink_status(first, error));
  return kept ? first : std::string();
}

void print_record(Invocation& invocation, const history::Record& record) {
  const auto line = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    std::string text = name;
    text.resize(12, ' ');
    invocation.out().line(text + value);
  };
  line("recipe", record.recipe + " " + record.version);
  line("night", record.night);
  line("verdict", std::string(history::name(record.verdict)) + ", level " +
                      std::to_string(record.level) + ", " + seconds(record));
  line("reason", record.reason);
  line("cause", record.cause);
  line("run because", record.decision);
  line("promoted", record.promoted ? "yes" : "no");
  line("commit", record.commit);
  line("environment", record.environment);
  for (const auto& [image, digest] : record.images) line("image", image + " " + shortened(digest));
  if (record.peak_memory > 0) line("memory", base::human_bytes(record.peak_memory));
  line("machine", record.machine);
  line("files", record.place.empty() ? "none are kept" : record.place);
  line("first run", files_of_first_run(record));
  for (const history::RungRecord& rung : record.rungs) {
    line(rung.name,
         rung.verdict + (rung.time.count() == 0
                             ? std::string()
                             : ", " + base::human_seconds(history::in_seconds(rung.time))));
  }
  const std::filesystem::path sweeps =
      std::filesystem::absolute(invocation.globals().state) / "sweeps";
  const std::string words = sweep::last_words(sweeps, project::machine_name(), record);
  if (base::trim(words).empty()) return;
  invocation.out().line("last words");
  for (const std::string_view one : base::split(words, '\n'))
    if (!one.empty()) invocation.out().line("  " + base::printable(one));
}

void print_json(Invocation& invocation, const std::vector<history::Record>& records) {
  invocation.print(sweep::export_json(records));
}

void print_open(Invocation& invocation, const history::PlannedRecipe& row) {
  invocation.out().line(base::printable(
      row.recipe + (row.run ? " has no verdict yet: " : " was skipped: ") + row.reason));
}

// What the night planned for a recipe that has no verdict of it.
base::Result<int> show_planned(Invocation& invocation, const history::History& history,
                               const std::string& what, std::size_t slash) {
  CCCI_TRY(const auto plan, history.plan(what.substr(0, slash)));
  for (const history::PlannedRecipe& row : plan) {
    if (row.recipe != what.substr(slash + 1)) continue;
    if (invocation.json()) {
      print_json(invocation, std::vector<history::Record>());
    } else {
      print_open(invocation, row);
    }
    return 0;
  }
  return base::unexpected(unknown_results(history, what));
}

// "2026-11-28/gitea"
base::Result<int> show_run(Invocation& invocation, const history::History& history,
                           const std::string& what, std::size_t slash) {
  CCCI_TRY(std::vector<history::Record> records, history.of_night(what.substr(0, slash)));
  std::erase_if(records,
                [&](const history::Record& one) { return one.recipe != what.substr(slash + 1); });
  if (records.empty()) return show_planned(invocation, history, what, slash);
  if (invocation.json()) {
    print_json(invocation, records);
  } else {
    for (const history::Record& record : records) print_record(invocation, record);
  }
  return 0;
}

// Somebody who asks for the last night may mean the last one of all recipes.
base::Result<void> print_of_partial(Invocation& invocation, const history::History& history,
                                    const history::Night& night) {
  if (!night.partial) return {};
  std::string text = "night " + night.name + " was of some recipes only (--only)";
  CCCI_TRY(const auto nights, history.nights(every_night));
  const auto whole = std::find_if(nights.begin(), nights.end(),
                                  [](const history::Night& one) { return !one.partial; });
  if (whole != nights.end())
    text += "; the last one of all recipes: cc-ci results show " + whole->name;
  invocation.out().line(base::printable(text));
  return {};
}

// A recipe that the sweeps know and have never run.
base::Result<int> show_without_verdict(Invocation& invocation, const history::History& history,
                                       const std::string& recipe) {
  CCCI_TRY(const auto nights, history.nights(shown_nights));
  for (const history::Night& night : nights) {
    CCCI_TRY(const auto plan, history.plan(night.name));
    for (const history::PlannedRecipe& row : plan) {
      if (row.recipe != recipe) continue;
      if (invocation.json()) {
        print_json(invocation, std::vector<history::Record>());
      } else {
        print_open(invocation, row);
      }
      return 0;
    }
  }
  return base::unexpected(unknown_results(history, recipe));
}

base::Result<int> show(Invocation& invocation) {
  CCCI_TRY(const history::History history, open_results(invocation, history::Access::read));
  std::string what = invocation.operands().empty() ? "" : invocation.operands()[0];
  if (what.empty()) {
    CCCI_TRY(const auto last, history.last_night());
    if (!last) return base::unexpected(base::fail("history.none").with("path", history.place()));
    what = last->name;
  }
  const std::size_t slash = what.find('/');
  if (slash != std::string::npos) return show_run(invocation, history, what, slash);
  CCCI_TRY(const auto night, history.night(what));
  if (night) {
    CCCI_TRY(const auto records, history.of_night(what));
    if (invocation.json()) {
      print_json(invocation, records);
      return 0;
    }
    if (!records.empty()) print_records(invocation, records, true);
    CCCI_TRY(const auto plan, history.plan(what));
    for (const history::PlannedRecipe& row : plan) {
      const bool has_verdict = std::any_of(records.begin(), records.end(), [&](const auto& record) {
        return record.recipe == row.recipe;
      });
      if (!has_verdict) print_open(invocation, row);
    }
    CCCI_CHECK(print_of_partial(invocation, history, *night));
    return 0;
  }
  CCCI_TRY(const auto records, history.of_recipe(what, shown_runs));
  if (records.empty()) return show_without_verdict(invocation, history, what);
  if (invocation.json()) {
    print_json(invocation, records);
    return 0;
  }
  print_records(invocation, records, false);
  CCCI_TRY(const auto canonicals, history.canonicals());
  const auto canonical = canonicals.find(what);
  if (canonical != canonicals.end()) {
    invocation.out().line("canonical: " + canonical->second.version + " of " +
                          canonical->second.date +
                          (canonical->second.snapshot.empty()
                               ? std::string()
                               : ", its data is snapshot " +
                                     base::printable(canonical->second.snapshot.substr(0, 8))));
  }
  const auto flaky = std::count_if(records.begin(), records.end(), [](const auto& record) {
    return record.verdict == history::Verdict::flaky;
  });
  if (flaky > 0) {
    invocation.out().line("flaky in " + std::to_string(flaky) + " of the last " +
                          base::counted(records.size(), "run"));
  }
  return 0;
}

}  // namespace

const Command& results_list_command() {
  static const Command command{
      .name = "results list",
      .section = "Run",
      .purpose = "list the nights of sweeps with their verdicts",
      .options = {{.name = "all", .help = "not only the last 20 nights"}, json_option()},
      .example = "cc-ci results list",
      .run = &list,
  };
  return command;
}

const Command& results_show_command() {
  static const Command command{
      .name = "results show",
      .section = "Run",
      .purpose = "show a night, a recipe's history, or one run",
      .operands = {{.name = "WHAT", .optional = true}},
      .options = {json_option()},
      .prose =
          "WHAT is a night, a recipe, or NIGHT/RECIPE for one run with its tiers. Without it "
          "the last night is shown.",
      .example = "cc-ci results show gitea",
      .run = &show,
  };
  return command;
}

}  // namespace ccci::cli
