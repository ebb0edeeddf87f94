// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/sweep.hpp"

#include <map>
#include <vector>

#include "base/text.hpp"
#include "project/project.hpp"
#include "sweep/page.hpp"
#include "sweep/run_files.hpp"

namespace ccci::view {

namespace {

std::string seconds(const history::Record& record) {
  return base::human_seconds(history::in_seconds(record.time));
}

constexpr std::size_t shown_words = 5;  // lines of each red recipe

// `directory` is that of the night.
void print_evidence(Invocation& invocation, const std::vector<sweep::Line>& lines,
                    const std::filesystem::path& directory) {
  const auto say = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  for (const sweep::Line& line : lines) {
    if (line.record == nullptr) continue;
    const sweep::Evidence evidence =
        sweep::evidence_of(directory.parent_path(), project::machine_name(), *line.record);
    std::vector<std::string_view> words = base::split(evidence.last_words, '\n');
    std::erase_if(words, [](std::string_view one) { return base::trim(one).empty(); });
    if (words.size() > shown_words) words.erase(words.begin(), words.end() - shown_words);
    if (!words.empty()) say(line.record->recipe + " said last:");
    for (const std::string_view one : words) say("  " + std::string(one));
    // Of a flaky recipe the first run was the red one. The page has all logs.
    const bool flaky = line.record->verdict == history::Verdict::flaky;
    const std::filesystem::path& log = flaky ? evidence.first_log : evidence.log;
    if (!log.empty()) say(line.record->recipe + " log: " + log.native());
  }
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

std::string continued_text(const sweep::Plan& plan) {
  if (!plan.continued) return {};
  std::size_t all = 0;
  std::size_t done = 0;
  for (const sweep::Job& job : plan.jobs) {
    const bool known = plan.done.contains(job.decision.recipe);
    if (job.decision.run || known) ++all;
    if (known) ++done;
  }
  if (done == all) return "the night " + plan.night + " is complete: nothing is left to run";
  return "the sweep of " + plan.night + " goes on: verdicts so far: " + std::to_string(done) +
         " of " + std::to_string(all);
}

void print_decisions(Invocation& invocation, const sweep::Plan& plan) {
  report::Table table({{.heading = "recipe"},
                       {.heading = "version"},
                       {.heading = "decision"},
                       {.heading = "reason", .elastic = true}});
  for (const sweep::Job& job : plan.jobs) {
    const sweep::Decision& decision = job.decision;
    const auto verdict = plan.done.find(decision.recipe);
    const bool done = verdict != plan.done.end();
    table.row({decision.recipe, done ? verdict->second.version : decision.version,
               done           ? "done"
               : decision.run ? "run"
                              : "skip",
               done ? "it has its verdict of this night"
                    : decision.reason + (decision.problem.empty() ? "" : ": " + decision.problem)});
  }
  invocation.print(table);
  if (const std::string text = continued_text(plan); !text.empty())
    invocation.out().line(base::printable(text));
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
    if (line.record->verdict == history::Verdict::fail && !line.record->commit.empty())
      invocation.out().line("  find out by running: cc-ci sweep --bisect " + line.record->recipe);
  }
  print_evidence(invocation, lines, directory);
  std::vector<std::string> sums;
  for (const auto& [verdict, count] : counts) sums.push_back(std::to_string(count) + " " + verdict);
  invocation.out().line("results   " + base::printable((directory / "summary.html").native()));
  invocation.out().line("sweep " + plan.night + ": " + base::join(sums, ", "));
  if (!swept.stopped) return;
  std::vector<std::string> names;
  for (const sweep::Job& job : plan.jobs) names.push_back(job.decision.recipe);
  invocation.out().line("continue: cc-ci sweep" +
                        (plan.partial
                             ? " --night " + plan.night + " --only " + base::join(names, ",")
                             : std::string()));
}

}  // namespace ccci::view
