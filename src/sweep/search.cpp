// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/search.hpp"

#include "base/files.hpp"
#include "base/text.hpp"
#include "git/clone.hpp"
#include "sweep/outcome.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr int stopped_status = 143;
constexpr std::size_t shown_digits = 12;

class Searcher {
 public:
  Searcher(const Search& search, Machine& machine, base::Progress& progress)
      : search_(search), machine_(machine), progress_(progress) {}

  base::Result<void> gather(const history::History& history, Found& found) {
    Suspects& suspects = found.suspects;
    CCCI_TRY(suspects.turn, find_turn(history, search_.recipe));
    const history::Record& green = suspects.turn.green;
    CCCI_TRY(suspects.commits, commits(green.commit, suspects.turn.red.commit));
    suspects.file = search_.file.native();
    suspects.revisions = {{{}, search_.environment, {}}};
    if (green.environment != search_.environment) {
      CCCI_TRY(suspects.revisions,
               since(green.environment, search_.environment, environments_, "environment", found));
    }
    const std::string present = setting_text(search_.settings);
    suspects.settings = {{{}, present, {}}};
    if (green.settings && setting_text(*green.settings) != present) {
      CCCI_TRY(suspects.settings,
               since(setting_text(*green.settings), present, settings_, "settings", found));
    }
    return {};
  }

  // Runs `cc-ci test` and waits for it.
  base::Result<history::Verdict> attempt(const State& state) {
    const fs::path out = search_.files / std::to_string(++number_);
    CCCI_CHECK(base::make_directories(out));
    std::vector<std::string> argv = search_.setup.test;
    argv.push_back(search_.setup.operands.at(search_.recipe));
    argv.insert(argv.end(), {"--ref", state.commit, "--out", out.native()});
    std::string what = "commit " + state.commit.substr(0, shown_digits);
    if (const std::string& commit = state.environment.commit; !commit.empty()) {
      CCCI_TRY(const fs::path file, environments_->at(commit));
      argv.insert(argv.end(), {"--environment-of", file.native()});
      what += ", environment of " + commit.substr(0, shown_digits);
    }
    if (const std::string& commit = state.settings.commit; !commit.empty()) {
      CCCI_TRY(const fs::path file, settings_->at(commit));
      argv.insert(argv.end(), {"--settings-of", file.native()});
      what += ", settings of " + commit.substr(0, shown_digits);
    }
    note("trying " + what);
    CCCI_TRY(const auto process, machine_.start(argv, out / "output.txt"));
    CCCI_TRY(const int status, wait(*process));
    Job job;
    job.decision.recipe = search_.recipe;
    const RunOutcome outcome = outcome_of(job, state.environment.digest, status, read_results(out),
                                          last_line(out / "output.txt"));
    const history::Record& record = outcome.record;
    note(what + ": " + std::string(history::name(record.verdict)) +
         (record.reason.empty() ? "" : ": " + record.reason));
    if (!outcome.machine_failed) return record.verdict;
    return base::unexpected(
        base::fail("sweep.trial").with("what", what).with("problem", record.reason));
  }

 private:
  void note(const std::string& text) { progress_.note(base::printable(text)); }

  // Environments and settings have a copy of the declaration's repository each: a trial may need
  // two revisions at once. Without a repository the recipe may be the cause all the same.
  base::Result<std::vector<Revision>> since(const std::string& green, const std::string& present,
                                            std::optional<Revisions>& copy, const std::string& what,
                                            Found& found) {
    const fs::path work = search_.work / what;
    CCCI_CHECK(base::make_directories(work));
    auto revisions = Revisions::open(search_.file, work, base::real_processes());
    if (!revisions) {
      found.no_revisions = revisions.error();
      return std::vector<Revision>();
    }
    copy.emplace(std::move(*revisions));
    return copy->since(green, present,
                       &copy == &settings_ ? search_.settings_of : search_.digest_of, what,
                       progress_);
  }

  base::Result<std::vector<std::string>> commits(const std::string& green, const std::string& red) {
    if (green == red) return std::vector<std::string>();
    CCCI_TRY(const git::Clone clone, git::Clone::make(search_.source.place, search_.work / "recipe",
                                                      base::real_processes()));
    return clone.commits_between(green, red);
  }

  base::Result<int> wait(JobProcess& process) {
    bool asked = false;  // a second signal would cut its teardown short
    std::optional<int> status;
    while (!(status = process.ended())) {
      if (!asked && search_.setup.asked_to_stop()) {
        process.stop();
        asked = true;
      }
      machine_.pause();
    }
    if (!asked && *status != stopped_status && !search_.setup.asked_to_stop()) return *status;
    return base::unexpected(base::fail("sweep.bisect-stopped", base::Condition::interrupted));
  }

  const Search& search_;
  Machine& machine_;
  base::Progress& progress_;
  std::optional<Revisions> environments_;
  std::optional<Revisions> settings_;
  int number_ = 0;
};

}  // namespace

base::Result<Found> search(const Search& search, const history::History& history, Machine& machine,
                           base::Progress& progress) {
  CCCI_CHECK(base::remove_tree(search.files));
  Searcher searcher(search, machine, progress);
  Found found;
  CCCI_CHECK(searcher.gather(history, found));
  CCCI_TRY(found.bisected,
           bisect(found.suspects, [&](const State& state) { return searcher.attempt(state); }));
  return found;
}

}  // namespace ccci::sweep
