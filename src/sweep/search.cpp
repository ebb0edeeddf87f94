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
    suspects.revisions = {{{}, search_.environment, {}}};
    if (green.environment == search_.environment) return {};
    auto revisions = Revisions::open(search_.file, search_.work, base::real_processes());
    if (!revisions) {
      found.no_revisions = revisions.error();  // the recipe may be the cause all the same
      suspects.revisions.clear();
      return {};
    }
    revisions_.emplace(std::move(*revisions));
    CCCI_TRY(suspects.revisions, revisions_->since(green.environment, search_.environment,
                                                   search_.digest_of, progress_));
    return {};
  }

  // Runs `cc-ci test` and waits for it.
  base::Result<history::Verdict> attempt(const std::string& commit, const Revision& revision) {
    const fs::path out = search_.files / std::to_string(++number_);
    CCCI_CHECK(base::make_directories(out));
    std::vector<std::string> argv = search_.setup.test;
    argv.push_back(search_.setup.operands.at(search_.recipe));
    argv.insert(argv.end(), {"--ref", commit, "--out", out.native()});
    std::string what = "commit " + commit.substr(0, shown_digits);
    if (!revision.commit.empty()) {
      CCCI_TRY(const fs::path file, revisions_->at(revision.commit));
      argv.insert(argv.end(), {"--environment-of", file.native()});
      what += ", environment of " + revision.commit.substr(0, shown_digits);
    }
    note("trying " + what);
    CCCI_TRY(const auto process, machine_.start(argv, out / "output.txt"));
    CCCI_TRY(const int status, wait(*process));
    Job job;
    job.decision.recipe = search_.recipe;
    const RunOutcome outcome = outcome_of(job, revision.environment, status, read_results(out),
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
  std::optional<Revisions> revisions_;
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
           bisect(found.suspects, [&](const std::string& commit, const Revision& revision) {
             return searcher.attempt(commit, revision);
           }));
  return found;
}

}  // namespace ccci::sweep
