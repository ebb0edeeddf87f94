// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/sweep_bisect.hpp"

#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/open_store.hpp"
#include "project/build.hpp"
#include "project/resolve.hpp"
#include "run/source.hpp"
#include "run/work.hpp"
#include "sweep/bisect.hpp"
#include "sweep/outcome.hpp"
#include "sweep/suspects.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr int stopped = 143;
constexpr int not_found = 4;
constexpr std::size_t shown_digits = 12;

class Bisector {
 public:
  Bisector(Invocation& invocation, const BisectRequest& request, fs::path work)
      : invocation_(invocation),
        request_(request),
        work_(std::move(work)),
        files_(request.setup.directory.parent_path() / "bisect" / request.recipe) {}

  base::Result<sweep::Suspects> suspects(const history::History& history) {
    sweep::Suspects suspects;
    CCCI_TRY(suspects.turn, sweep::find_turn(history, request_.recipe));
    const history::Record& green = suspects.turn.green;
    CCCI_TRY(suspects.commits, commits(green.commit, suspects.turn.red.commit));
    suspects.revisions = {{{}, request_.environment, {}}};
    if (green.environment == request_.environment) return suspects;
    auto revisions = sweep::Revisions::open(request_.project.file, work_, base::real_processes());
    if (!revisions) {
      invocation_.warn(wording::one_line(revisions.error()));
      suspects.revisions.clear();
      return suspects;
    }
    revisions_.emplace(std::move(*revisions));
    CCCI_TRY(suspects.revisions,
             revisions_->since(
                 green.environment, request_.environment,
                 [&](const fs::path& file) { return digest_of(file); }, invocation_.progress()));
    return suspects;
  }

  // Runs `cc-ci test` and waits for it.
  base::Result<history::Verdict> attempt(const std::string& commit,
                                         const sweep::Revision& revision) {
    const fs::path out = files_ / std::to_string(++number_);
    CCCI_CHECK(base::make_directories(out));
    std::vector<std::string> argv = request_.setup.test;
    argv.push_back(request_.setup.operands.at(request_.recipe));
    argv.insert(argv.end(), {"--ref", commit, "--out", out.native()});
    if (!revision.commit.empty()) {
      CCCI_TRY(const fs::path file, revisions_->at(revision.commit));
      argv.insert(argv.end(), {"--environment-of", file.native()});
    }
    const std::string what =
        "commit " + commit.substr(0, shown_digits) +
        (revision.commit.empty() ? std::string()
                                 : ", environment of " + revision.commit.substr(0, shown_digits));
    invocation_.progress().note(base::printable("trying " + what));
    CCCI_TRY(const auto process, sweep::this_machine().start(argv, out / "output.txt"));
    std::optional<int> status;
    bool asked = false;  // a second signal would cut its teardown short
    while (!(status = process->ended())) {
      if (Interruption::happened() && !asked) process->stop();
      asked = asked || Interruption::happened();
      sweep::this_machine().pause();
    }
    if (Interruption::happened() || *status == stopped)
      return base::unexpected(base::fail("sweep.bisect-stopped", base::Condition::interrupted));
    sweep::Job job;
    job.decision.recipe = request_.recipe;
    const sweep::RunOutcome outcome =
        sweep::outcome_of(job, revision.environment, *status, sweep::read_results(out),
                          sweep::last_line(out / "output.txt"));
    const history::Record& record = outcome.record;
    const std::string verdict(history::name(record.verdict));
    invocation_.progress().note(base::printable(
        what + ": " + verdict + (record.reason.empty() ? "" : ": " + record.reason)));
    if (!outcome.machine_failed) return record.verdict;
    return base::unexpected(
        base::fail("sweep.trial").with("what", what).with("problem", record.reason));
  }

 private:
  base::Result<std::vector<std::string>> commits(const std::string& green, const std::string& red) {
    if (green == red) return std::vector<std::string>();
    declare::Declaration asked = request_.project.declaration;
    asked.recipes = request_.enrolment.recipes;
    CCCI_TRY(const run::Source source,
             run::find_source(request_.recipe, asked, request_.project.directory()));
    CCCI_TRY(const git::Clone clone,
             git::Clone::make(source.place, work_ / "recipe", base::real_processes()));
    return clone.commits_between(green, red);
  }

  // Builds the environment of another state of the declaration.
  base::Result<std::string> digest_of(const fs::path& file) {
    CCCI_TRY(const project::Project project, project::open(file));
    CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, invocation_.context(), false));
    CCCI_TRY(store::Store store, open_store(invocation_));
    CCCI_TRY(const host::Build built,
             project::build(project, invocation_.context(), store, lock, {}));
    return built.environment.digest;
  }

  Invocation& invocation_;
  const BisectRequest& request_;
  fs::path work_;
  fs::path files_;  // of the trials
  std::optional<sweep::Revisions> revisions_;
  int number_ = 0;
};

}  // namespace

base::Result<int> bisect_recipe(Invocation& invocation, const BisectRequest& request,
                                const history::History& history) {
  const fs::path state = request.setup.directory.parent_path();
  CCCI_CHECK(base::remove_tree(state / "bisect" / request.recipe));
  CCCI_TRY(const run::Work work, run::Work::make(state / "runs", "bisect"));
  const Interruption interruption;
  Bisector bisector(invocation, request, work.directory());
  CCCI_TRY(const sweep::Suspects suspects, bisector.suspects(history));
  const auto found =
      sweep::bisect(suspects, [&](const std::string& commit, const sweep::Revision& revision) {
        return bisector.attempt(commit, revision);
      });
  invocation.end_progress();
  if (!found) {
    if (found.error().is(base::Condition::interrupted)) {
      invocation.warn(wording::one_line(found.error()));
      return stopped;
    }
    return base::unexpected(found.error());
  }
  if (invocation.json()) {
    invocation.print(sweep::to_json(suspects, *found));
  } else {
    for (const std::string& line : sweep::explain(suspects, *found))
      invocation.out().line(base::printable(line));
  }
  const bool known = found->culprit == sweep::Culprit::recipe ||
                     found->culprit == sweep::Culprit::environment ||
                     found->culprit == sweep::Culprit::both;
  return known ? 0 : not_found;
}

}  // namespace ccci::cli
