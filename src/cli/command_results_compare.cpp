// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between two nights or runs.
#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_results.hpp"
#include "command/invocation.hpp"
#include "history/compare.hpp"
#include "history/history.hpp"

namespace ccci::cli {

namespace {

constexpr std::size_t measured_runs = 20;

// The state of a night, or of one run.
base::Result<history::States> states_of(const history::History& history, const std::string& what) {
  const std::size_t slash = what.find('/');
  const std::string name = what.substr(0, slash);
  CCCI_TRY(const auto night, history.night(name));
  if (!night && slash == std::string::npos) {
    CCCI_TRY(const auto runs, history.of_recipe(name, 1));
    if (!runs.empty())
      return base::unexpected(base::fail("history.recipe", base::Condition::not_found)
                                  .with("name", name)
                                  .with("night", runs.front().night));
  }
  if (!night) return base::unexpected(unknown_results(history, what));
  if (slash == std::string::npos) return history.as_of(name);
  CCCI_TRY(const auto records, history.of_night(name));
  history::States found;
  for (const history::Record& record : records)
    if (record.recipe == what.substr(slash + 1)) found.insert_or_assign(record.recipe, record);
  if (found.empty()) return base::unexpected(unknown_results(history, what));
  return found;
}

// A run is compared with the same recipe of a night, and a night of some recipes (--only) with
// these of another one: it says nothing of the others. Returns what is to be told of that.
base::Result<std::string> keep_common(const history::History& history, const std::string& before,
                                      const std::string& after, history::States& was,
                                      history::States& now) {
  std::string note;
  for (const auto& [what, own, other] :
       {std::tuple{&before, &was, &now}, std::tuple{&after, &now, &was}}) {
    bool some = what->find('/') != std::string::npos;
    if (!some) {
      CCCI_TRY(const auto night, history.night(*what));
      some = night && night->partial;
      if (some)
        note = "night " + *what + " was of some recipes only (--only): only these are compared";
    }
    if (!some) continue;
    std::set<std::string> names;
    for (const auto& [recipe, record] : *own) names.insert(recipe);
    std::erase_if(*other, [&](const auto& one) { return !names.contains(one.first); });
  }
  return note;
}

// "A/gitea" cannot be compared with "B/mailu". A night and a run can.
base::Result<void> same_recipe(const std::string& before, const std::string& after) {
  const std::size_t one = before.find('/');
  const std::size_t other = after.find('/');
  if (one == std::string::npos || other == std::string::npos) return {};
  if (before.substr(one) == after.substr(other)) return {};
  return base::unexpected(
      base::fail("history.two-recipes").with("before", before).with("after", after));
}

base::Result<int> compare(Invocation& invocation) {
  CCCI_CHECK(same_recipe(invocation.operands()[0], invocation.operands()[1]));
  CCCI_TRY(const history::History history, open_results(invocation, history::Access::read));
  CCCI_TRY(history::States before, states_of(history, invocation.operands()[0]));
  CCCI_TRY(history::States after, states_of(history, invocation.operands()[1]));
  CCCI_TRY(const std::string note,
           keep_common(history, invocation.operands()[0], invocation.operands()[1], before, after));
  history::Noise noise;
  for (const std::string& recipe : history::needs_noise(before, after)) {
    CCCI_TRY(noise[recipe], history.measures(recipe, measured_runs));
  }
  const auto differences = history::compare(before, after, noise);
  const bool worse = std::any_of(differences.begin(), differences.end(), [](const auto& one) {
    return one.change == history::Change::turned_red || one.change == history::Change::appeared_red;
  });
  if (invocation.json()) {
    base::Json rows = base::Json::array();
    for (const history::Difference& one : differences) rows.push_back(history::to_json(one));
    invocation.print(base::Json{{"schema", 1},
                                {"before", invocation.operands()[0]},
                                {"after", invocation.operands()[1]},
                                {"differences", std::move(rows)}});
    return worse ? 1 : 0;
  }
  if (!note.empty()) invocation.out().line(base::printable(note));
  if (differences.empty()) {
    invocation.out().line("no difference");
    return 0;
  }
  report::Table table({{.heading = "recipe"},
                       {.heading = "change"},
                       {.heading = "before"},
                       {.heading = "after"},
                       {.heading = "reason", .elastic = true}});
  for (const history::Difference& one : differences)
    table.row(
        {one.recipe, std::string(history::name(one.change)), one.before, one.after, one.reason});
  invocation.print(table);
  return worse ? 1 : 0;
}

}  // namespace

const Command& results_compare_command() {
  static const Command command{
      .name = "results compare",
      .section = "Run",
      .purpose = "say what differs between two nights or two runs",
      .operands = {{.name = "BEFORE"}, {.name = "AFTER"}},
      .options = {json_option()},
      .prose =
          "Both are nights, or runs as NIGHT/RECIPE. A night counts with what was known at its "
          "end, so a recipe that it skipped has its last verdict. Of a night of some recipes only "
          "(--only) these are compared. Says what turned red or "
          "green, what takes longer by more than its own noise, and what needs more memory.",
      .statuses = {{"0", "nothing turned red"}, {"1", "a recipe turned red, or is new and red"}},
      .example = "cc-ci results compare 2026-11-27 2026-11-28",
      .run = &compare,
  };
  return command;
}

}  // namespace ccci::cli
