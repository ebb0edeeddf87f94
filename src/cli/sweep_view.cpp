// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/sweep_view.hpp"

#include <map>
#include <vector>

#include "base/text.hpp"
#include "sweep/page.hpp"

namespace ccci::cli {

namespace {

std::string seconds(const history::Record& record) {
  return base::human_seconds(history::in_seconds(record.time));
}

}  // namespace

SweepView::SweepView(base::Progress& progress, const sweep::Plan& plan, bool quiet)
    : progress_(&progress), quiet_(quiet) {
  progress_->begin("sweeping recipes", plan.to_run(), base::Progress::Unit::things);
}

void SweepView::begin(const std::string& recipe, bool again) {
  running_.insert(recipe);
  if (again) note(recipe + " failed and is run again");
  progress_->advance(0,
                     base::join(std::vector<std::string>(running_.begin(), running_.end()), ", "));
}

void SweepView::wait(const std::string& recipe, const std::string& why) {
  note(recipe + " waits: " + why);
}

void SweepView::end(const history::Record& record) {
  running_.erase(record.recipe);
  progress_->advance(1, record.recipe);
  std::string text = record.recipe + (record.version.empty() ? "" : " " + record.version) + ": " +
                     std::string(history::name(record.verdict)) + ", " + seconds(record);
  if (!record.reason.empty()) text += ": " + record.reason;
  if (!quiet_) note(text);
}

void SweepView::note(const std::string& text) { progress_->note(base::printable(text)); }

void SweepView::finish() { progress_->end(); }

void print_decisions(Invocation& invocation, const sweep::Plan& plan) {
  report::Table table({{.heading = "recipe"},
                       {.heading = "version"},
                       {.heading = "decision"},
                       {.heading = "reason", .elastic = true}});
  for (const sweep::Job& job : plan.jobs) {
    const sweep::Decision& decision = job.decision;
    const bool done = plan.done.contains(decision.recipe);
    table.row({decision.recipe, decision.version,
               done           ? "done"
               : decision.run ? "run"
                              : "skip",
               done ? "it has its verdict of this night"
                    : decision.reason + (decision.problem.empty() ? "" : ": " + decision.problem)});
  }
  invocation.print(table);
}

void print_sweep(Invocation& invocation, const sweep::Plan& plan, const sweep::Swept& swept,
                 const std::filesystem::path& directory) {
  report::Table table({{.heading = "recipe"},
                       {.heading = "version"},
                       {.heading = "verdict"},
                       {.heading = "level", .align = report::Table::Column::Align::right},
                       {.heading = "change"},
                       {.heading = "time", .align = report::Table::Column::Align::right},
                       {.heading = "reason", .elastic = true}});
  std::map<std::string, std::size_t> counts;
  const std::vector<sweep::Line> lines = sweep::lines(plan, swept);
  for (const sweep::Line& line : lines) {
    const sweep::Decision& decision = line.job->decision;
    if (line.record == nullptr) {
      const char* verdict = decision.run ? "no verdict" : "skip";
      ++counts[decision.run ? "without a verdict" : "skipped"];
      table.row({decision.recipe, decision.version, verdict, "", "", "", decision.reason});
      continue;
    }
    const history::Record& record = *line.record;
    const std::string verdict(history::name(record.verdict));
    ++counts[verdict];
    table.row({record.recipe, record.version, verdict, std::to_string(record.level), line.change,
               seconds(record), record.reason});
  }
  invocation.print(table);
  for (const sweep::Line& line : lines) {
    if (line.record == nullptr || line.record->cause.empty()) continue;
    invocation.out().line(
        base::printable(line.record->recipe + " was green before: " + line.record->cause));
  }
  std::vector<std::string> sums;
  for (const auto& [verdict, count] : counts) sums.push_back(std::to_string(count) + " " + verdict);
  invocation.out().line("results   " + base::printable((directory / "summary.html").native()));
  invocation.out().line("sweep " + plan.night + ": " + base::join(sums, ", "));
}

}  // namespace ccci::cli
