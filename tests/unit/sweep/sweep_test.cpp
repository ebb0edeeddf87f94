// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/sweep.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <deque>

#include "base/files.hpp"
#include "base/lock_file.hpp"

#include "sweep/cause.hpp"
#include "sweep/night.hpp"
#include "sweep/outcome.hpp"
#include "sweep/page.hpp"
#include "sweep/pipeline.hpp"
#include "sweep/run_files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::sweep {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What one call of `cc-ci test` does: it leaves a results.json after some looks, or nothing.
struct Script {
  int status = 0;
  std::string verdict = "pass";
  int looks = 1;
  bool ends_when_asked = true;
  bool settled = false;
};

class ScriptedMachine final : public Machine {
 public:
  base::WallTime now() override { return wall; }
  base::Clock::Time tick() override { return tick_; }
  void pause() override {
    tick_ += std::chrono::seconds(1);
    wall += std::chrono::seconds(1);
    ++pauses;
  }
  Free free(const fs::path&) override { return available; }
  base::Result<std::unique_ptr<JobProcess>> start(const std::vector<std::string>& argv,
                                                  const fs::path& log) override;

  std::map<std::string, std::deque<Script>> scripts;
  std::vector<std::string> started;
  Free available{100'000'000'000, 100'000'000'000};
  base::WallTime wall = base::from_rfc3339("2026-11-28T03:00:00Z").value();
  int pauses = 0;
  int at_once = 0;
  int most_at_once = 0;

 private:
  base::Clock::Time tick_{};
};

class ScriptedJob final : public JobProcess {
 public:
  ScriptedJob(Script script, ScriptedMachine& machine) : script_(script), machine_(machine) {
    ++machine_.at_once;
    machine_.most_at_once = std::max(machine_.most_at_once, machine_.at_once);
  }
  std::optional<int> ended() override {
    if (asked_ && script_.ends_when_asked) return end(143);
    if (script_.looks-- > 0) return std::nullopt;
    return end(script_.status);
  }
  void stop() override { asked_ = true; }
  void kill() override {
    script_.ends_when_asked = true;
    asked_ = true;
  }

 private:
  int end(int status) {
    --machine_.at_once;
    return status;
  }

  Script script_;
  ScriptedMachine& machine_;
  bool asked_ = false;
};

base::Result<std::unique_ptr<JobProcess>> ScriptedMachine::start(
    const std::vector<std::string>& argv, const fs::path& log) {
  const std::string recipe = argv.at(1);
  started.push_back(recipe);
  Script script;
  auto& left = scripts[recipe];
  if (!left.empty()) {
    script = left.front();
    left.pop_front();
  }
  if (!script.verdict.empty()) {
    test::write_text(log.parent_path() / "results.json",
                     R"({"recipe": ")" + recipe +
                         R"(", "version": "1.0.0+1", "commit": "c1", "environment": "env",
                         "started": "2026-11-28T03:00:00Z", "verdict": ")" +
                         script.verdict + R"(", "level": 5, "settled": )" +
                         (script.settled ? "true" : "false") +
                         R"(, "rungs": [{"name": "install", "verdict": ")" + script.verdict +
                         R"(", "reason": "it broke", "seconds": 1, "last_words": "no table"}],
                         "dirty": false, "images": {}, "seconds": {"all": 2}})");
  }
  return std::make_unique<ScriptedJob>(script, *this);
}

class Silent final : public Watcher {
 public:
  void begin(const std::string&, bool) override {}
  void wait(const std::string& recipe, const std::string& why) override {
    waits.push_back(recipe + " " + why);
  }
  void end(const history::Record&) override {}
  void note(const std::string&) override {}

  std::vector<std::string> waits;
};

class ScriptedSnapshots final : public Snapshots {
 public:
  base::Result<std::string> take(const history::Record& record, const fs::path& backup) override {
    if (!problem.empty())
      return base::unexpected(base::fail("sweep.snapshots").with("problem", problem));
    taken.push_back(record.recipe + " " + backup.parent_path().filename().native());
    return "snapshot of " + record.recipe;
  }

  std::string problem;
  std::vector<std::string> taken;
};

class SweepTest : public testing::Test {
 protected:
  SweepTest()
      : history_(history::History::open("", scratch_.path(), history::Access::write).value()) {
    setup_.test = {"test"};
    setup_.directory = scratch_.path() / "sweeps";
    setup_.machine = "here";
    fs::create_directories(setup_.directory);
  }

  Candidate candidate(const std::string& name, const std::string& version = "1.0.0+1") {
    setup_.operands[name] = name;
    return {.name = name, .refs = git::RemoteRefs{"c1", {{version, true, "c1"}}}};
  }

  Plan plan(const std::vector<std::string>& names, Request request = {}) {
    std::map<std::string, Candidate> candidates;
    for (const std::string& name : names) candidates.emplace(name, candidate(name));
    request.environment = "env";
    request.machine = "here";
    request.now = machine_.wall;
    return make_plan({}, std::move(candidates), request, &history_).value();
  }

  Swept run(const Plan& plan) {
    auto swept = execute(plan, setup_, history_, machine_, watcher_);
    EXPECT_TRUE(swept) << swept.error().code;
    return std::move(*swept);
  }

  std::string verdict(const Swept& swept, const std::string& recipe) {
    const auto found = swept.records.find(recipe);
    return found == swept.records.end() ? "none" : std::string(name(found->second.verdict));
  }

  test::Scratch scratch_;
  history::History history_;
  sweep::Setup setup_;
  ScriptedMachine machine_;
  Silent watcher_;
};

TEST_F(SweepTest, one_verdict_each_and_green_ones_are_promoted) {
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  const Plan first = plan({"green", "red"});
  const Swept swept = run(first);
  EXPECT_EQ(verdict(swept, "green"), "pass");
  EXPECT_EQ(verdict(swept, "red"), "fail");
  EXPECT_EQ(exit_status(first, swept), 1);
  EXPECT_EQ(history_.canonicals()->size(), 1U);
  const Plan next = plan({"green", "red"});
  EXPECT_FALSE(next.jobs[0].decision.run);
  EXPECT_EQ(next.jobs[1].decision.reason, "last red");
  EXPECT_EQ(next.night, first.night + ".2");
}

TEST_F(SweepTest, last_words_are_those_of_the_red_run) {
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  machine_.scripts["flaky"] = {{1, "fail"}, {0, "pass"}};
  const Swept swept = run(plan({"flaky", "green", "red"}));
  const auto words = [&](const std::string& recipe, const std::string& machine = "here") {
    return last_words(setup_.directory, machine, swept.records.at(recipe));
  };
  EXPECT_EQ(words("red"), "no table");
  EXPECT_EQ(words("flaky"), "no table");
  EXPECT_EQ(words("green"), "");
  EXPECT_EQ(words("red", "there"), "");
  // The database may be shared, and its text wrong.
  history::Record elsewhere = swept.records.at("red");
  elsewhere.place = scratch_.path() / "sweeps";
  EXPECT_EQ(last_words(setup_.directory, "here", elsewhere), "");
}

TEST_F(SweepTest, words_that_may_have_a_secret_stay_where_they_are) {
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  const Swept swept = run(plan({"red"}));
  const history::Record& red = swept.records.at("red");
  const auto words_with = [&](const std::string& verdict, const std::string& more) {
    test::write_text(
        fs::path(red.place) / "results.json",
        R"({"rungs": [{"name": "lint", "verdict": "pass"}, {"name": "install", "verdict": ")" +
            verdict + R"(", "last_words": "no table"}])" + more + "}");
    return last_words(setup_.directory, "here", red);
  };
  EXPECT_EQ(words_with("fail", R"(, "flags": {"no_secret_leak": true})"), "no table");
  EXPECT_EQ(words_with("fail", R"(, "flags": {"no_secret_leak": false})"), "");
  // A dependency failed.
  EXPECT_EQ(words_with("unverified", ""), "no table");
  EXPECT_EQ(words_with("pass", ""), "");
}

TEST_F(SweepTest, a_tag_that_leads_to_no_commit_is_no_release) {
  std::vector<std::string> asked;
  const auto planned = [&] {
    Candidate one = candidate("demo");
    one.refs->tags.push_back({"7.0.0+1", true, "tree"});
    one.refs->tags.push_back({"8.0.0+1", true, "file"});
    asked.clear();
    Request request;
    request.environment = "env";
    request.machine = "here";
    request.now = machine_.wall;
    return make_plan({}, {{"demo", one}}, request, &history_, {},
                     [&](const std::string& recipe, const std::string& tag) {
                       asked.push_back(recipe + " " + tag);
                       return tag != "7.0.0+1" && tag != "8.0.0+1";
                     })
        .value();
  };
  const Plan first = planned();
  const std::string good = candidate("demo").refs->tags.at(0).name;
  EXPECT_EQ(first.jobs.at(0).decision.tag, good);
  EXPECT_THAT(asked, ElementsAre("demo 8.0.0+1", "demo 7.0.0+1", "demo " + good));
  EXPECT_EQ(run(first).records.at("demo").verdict, history::Verdict::pass);
  // What was green is known to be a commit.
  EXPECT_FALSE(planned().jobs.at(0).decision.run);
  EXPECT_THAT(asked, ElementsAre("demo 8.0.0+1", "demo 7.0.0+1"));
}

TEST_F(SweepTest, the_data_of_a_canonical_is_kept_with_its_record) {
  ScriptedSnapshots snapshots;
  setup_.snapshots = &snapshots;
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  run(plan({"green", "red"}));
  EXPECT_THAT(snapshots.taken, ElementsAre("green green"));
  EXPECT_EQ(history_.canonicals()->at("green").snapshot, "snapshot of green");
}

TEST_F(SweepTest, a_green_run_whose_data_cannot_be_kept_is_red) {
  ScriptedSnapshots snapshots;
  snapshots.problem = "no space left on device";
  setup_.snapshots = &snapshots;
  const Swept swept = run(plan({"a"}));
  EXPECT_EQ(verdict(swept, "a"), "fail");
  EXPECT_EQ(swept.records.at("a").reason, "green, but promotion failed: no space left on device");
  EXPECT_TRUE(history_.canonicals()->empty());
  const base::Json results = read_results(swept.records.at("a").place);
  EXPECT_EQ(results["verdict"].text_or_empty(), "fail");
  EXPECT_EQ(results["problem"].text_or_empty(), swept.records.at("a").reason);
  EXPECT_THAT(test::read_text(fs::path(swept.records.at("a").place) / "junit.xml"),
              HasSubstr("promotion failed"));
}

TEST_F(SweepTest, a_night_has_no_name_of_a_recipe) {
  const auto planned = [&](const std::string& recipe) {
    Request request{.environment = "env", .now = machine_.wall};
    request.night = "gitea";
    const auto plan = make_plan({}, {{recipe, candidate(recipe)}}, request, &history_);
    return plan ? std::string("planned") : plan.error().code;
  };
  EXPECT_EQ(planned("gitea"), "sweep.night-recipe");
  EXPECT_EQ(planned("mailu"), "planned");
  run(plan({"gitea"}));
  EXPECT_EQ(planned("mailu"), "sweep.night-recipe");  // the results know it
}

TEST_F(SweepTest, red_and_then_green_is_flaky_and_never_promoted) {
  machine_.scripts["a"] = {{1, "fail"}};
  const Plan planned = plan({"a"});
  const Swept swept = run(planned);
  EXPECT_EQ(verdict(swept, "a"), "flaky");
  EXPECT_EQ(swept.records.at("a").reason, "failed first: install: it broke");
  EXPECT_TRUE(history_.canonicals()->empty());
  EXPECT_EQ(exit_status(planned, swept), 4);
  EXPECT_THAT(machine_.started, ElementsAre("a", "a"));
}

TEST_F(SweepTest, what_is_settled_is_not_run_again) {
  machine_.scripts["a"] = {{.status = 1, .verdict = "fail", .settled = true}};
  machine_.scripts["b"] = {{.status = 1, .verdict = "fail"}, {.status = 1, .verdict = "fail"}};
  // The machine failed: what the result says settles nothing.
  machine_.scripts["c"] = {{.status = 3, .verdict = "fail", .settled = true}};
  const Plan planned = plan({"a", "b", "c"});
  const Swept swept = run(planned);
  EXPECT_THAT(machine_.started, testing::UnorderedElementsAre("a", "b", "b", "c", "c"));
  EXPECT_EQ(verdict(swept, "a"), "fail");
  EXPECT_EQ(swept.records.at("a").reason, "install: it broke");
  EXPECT_EQ(verdict(swept, "b"), "fail");
  EXPECT_EQ(verdict(swept, "c"), "pass");
  EXPECT_EQ(exit_status(planned, swept), 1);
}

TEST_F(SweepTest, a_machine_that_failed_says_nothing_about_the_recipe) {
  machine_.scripts["once"] = {{3, ""}};
  machine_.scripts["twice"] = {{3, ""}, {3, ""}};
  const Plan planned = plan({"once", "twice"});
  const Swept swept = run(planned);
  EXPECT_EQ(verdict(swept, "once"), "pass");
  EXPECT_EQ(verdict(swept, "twice"), "unverified");
  EXPECT_EQ(exit_status(planned, swept), 3);
}

TEST_F(SweepTest, a_stopped_sweep_goes_on_with_the_same_night) {
  int asked = 0;
  setup_.jobs = 1;
  setup_.asked_to_stop = [&] { return ++asked > 4; };
  const Plan first = plan({"a", "b", "c"});
  const Swept stopped = run(first);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(exit_status(first, stopped), 143);
  const std::size_t known = stopped.records.size();
  EXPECT_LT(known, 3U);
  setup_.asked_to_stop = [] { return false; };
  // The clock was set back, by hours or to another day.
  machine_.wall -= std::chrono::hours(5);
  EXPECT_EQ(plan({"a", "b", "c"}).night, first.night);
  machine_.wall -= std::chrono::hours(48);
  const Plan second = plan({"a", "b", "c"});
  EXPECT_EQ(second.night, first.night);
  EXPECT_TRUE(second.continued);
  EXPECT_EQ(second.to_run(), 3 - known);
  const Swept swept = run(second);
  EXPECT_EQ(swept.records.size(), 3U);
  EXPECT_EQ(history_.of_night(first.night)->size(), 3U);
}

TEST_F(SweepTest, a_night_that_nobody_finished_is_given_up) {
  int asked = 0;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  const Plan first = plan({"a", "b"});
  run(first);
  setup_.asked_to_stop = [] { return false; };
  machine_.wall += std::chrono::hours(24);
  const Plan second = plan({"a", "b"});
  EXPECT_NE(second.night, first.night);
  ASSERT_TRUE(close_old(history_, second, machine_.wall));
  const auto closed = history_.of_night(first.night).value();
  ASSERT_EQ(closed.size(), 2U);
  EXPECT_EQ(closed[0].verdict, history::Verdict::unverified);
  EXPECT_FALSE(history_.night(first.night).value()->ended.empty());
}

TEST_F(SweepTest, what_an_abandoned_night_missed_is_run) {
  run(plan({"a", "b"}));
  EXPECT_EQ(plan({"a", "b"}).to_run(), 0U);
  machine_.wall += std::chrono::hours(24);
  int asked = 0;
  setup_.jobs = 1;
  setup_.asked_to_stop = [&] { return ++asked > 2; };
  Request all;
  all.all = true;
  const Plan missed = plan({"a", "b"}, all);
  const Swept stopped = run(missed);
  EXPECT_FALSE(stopped.records.contains("b"));
  setup_.asked_to_stop = [] { return false; };
  machine_.wall += std::chrono::hours(24);
  const Plan next = plan({"a", "b"});
  EXPECT_EQ(next.jobs[0].decision.run, !stopped.records.contains("a"));
  EXPECT_TRUE(next.jobs[1].decision.run);
  EXPECT_EQ(next.jobs[1].decision.reason,
            "not run in night " + missed.night + ", which was not finished");
  EXPECT_THAT(close_old(history_, next, machine_.wall).value(), ElementsAre(missed.night));
  run(next);
  EXPECT_EQ(plan({"a", "b"}).to_run(), 0U);
}

TEST_F(SweepTest, what_was_skipped_stays_skipped_in_its_version) {
  run(plan({"a"}));
  const Plan night = plan({"a"});
  run(night);
  Request again;
  again.night = night.night;
  again.environment = "env";
  again.machine = "here";
  again.now = machine_.wall;
  Candidate newer = candidate("a");
  newer.refs->tags.push_back({"9.0.0+1", true, std::string(40, '9')});
  const auto planned = make_plan({}, {{"a", newer}}, again, &history_);
  ASSERT_TRUE(planned);
  EXPECT_FALSE(planned->jobs[0].decision.run);
  EXPECT_EQ(planned->jobs[0].decision.version, night.jobs[0].decision.version);
}

TEST_F(SweepTest, thirty_nights_with_kills_and_clock_jumps_have_one_verdict_each) {
  for (int night = 0; night < 30; ++night) {
    machine_.wall += std::chrono::hours(night % 7 == 3 ? -30 : 24);
    Request request;
    request.all = true;
    std::string name;
    for (int attempt = 0; attempt < 6; ++attempt) {
      int looks = 0;
      setup_.asked_to_stop = [&] { return attempt < night % 4 && ++looks > 2; };
      const Plan planned = plan({"a", "b", "c", "d"}, request);
      ASSERT_TRUE(close_old(history_, planned, machine_.wall));
      EXPECT_TRUE(name.empty() || planned.night == name);
      name = planned.night;
      const Swept swept = run(planned);
      if (!swept.stopped) break;
    }
    EXPECT_EQ(history_.of_night(name)->size(), 4U) << name;
  }
  EXPECT_EQ(history_.nights(100)->size(), 30U);
}

TEST_F(SweepTest, a_run_that_does_not_fit_waits_and_says_so) {
  machine_.available.memory = 1'000;
  setup_.patience = std::chrono::seconds(10);
  const Plan planned = plan({"a"});
  const Swept swept = run(planned);
  EXPECT_THAT(watcher_.waits, ElementsAre(HasSubstr("a needs 1.0 GB of memory")));
  EXPECT_EQ(verdict(swept, "a"), "unverified");
  EXPECT_THAT(swept.records.at("a").reason, HasSubstr("does not fit"));
  EXPECT_EQ(exit_status(planned, swept), 3);
  EXPECT_TRUE(machine_.started.empty());
}

TEST_F(SweepTest, runs_only_so_many_at_once_as_fit) {
  for (const char* name : {"a", "b", "c", "d"}) machine_.scripts[name] = {{0, "pass", 5}};
  setup_.jobs = 3;
  run(plan({"a", "b", "c", "d"}));
  EXPECT_EQ(machine_.most_at_once, 3);
  machine_.most_at_once = 0;
  machine_.available.memory = 1'500'000'000;
  for (const char* name : {"a", "b", "c", "d"}) machine_.scripts[name] = {{0, "pass", 5}};
  Request all;
  all.all = true;
  Plan planned = plan({"a", "b", "c", "d"}, all);
  run(planned);
  EXPECT_EQ(machine_.most_at_once, 1);
}

TEST_F(SweepTest, what_cannot_be_fetched_is_red_and_the_others_go_on) {
  Plan planned = plan({"a", "b"});
  planned.jobs[0].decision.problem = "no such host";
  const Swept swept = run(planned);
  EXPECT_EQ(verdict(swept, "a"), "fail");
  EXPECT_EQ(swept.records.at("a").reason, "cannot be fetched: no such host");
  EXPECT_EQ(swept.records.at("a").cause, "");
  EXPECT_EQ(verdict(swept, "b"), "pass");
}

TEST_F(SweepTest, names_what_probably_turned_a_green_recipe) {
  run(plan({"a"}));
  machine_.scripts["a"] = {{1, "fail"}, {1, "fail"}};
  Request all;
  all.all = true;
  machine_.available.memory = 1'000'000'001;
  const Swept swept = run(plan({"a"}, all));
  EXPECT_EQ(swept.records.at("a").cause,
            "neither recipe, images, environment nor settings changed");
  EXPECT_TRUE(is_news(plan({"a"}), {}, declare::NotifyWhen::always));
}

TEST_F(SweepTest, settings_are_kept_with_the_verdict_and_named_as_a_cause) {
  Request all;
  all.all = true;
  Plan before = plan({"a"}, all);
  before.jobs[0].settings = {{"env", "1"}, {"skip", "1"}};
  run(before);
  EXPECT_EQ(history_.latest()->at("a").settings, before.jobs[0].settings);
  machine_.scripts["a"] = {{1, "fail"}, {1, "fail"}};
  Plan after = plan({"a"}, all);
  after.jobs[0].settings = {{"env", "2"}, {"skip", "1"}};
  EXPECT_EQ(run(after).records.at("a").cause, "its settings in the declaration changed: env");
}

TEST(CauseTest, a_dependency_that_moved_is_named) {
  history::Record green{.recipe = "a", .night = "1", .environment = "e"};
  green.commit = "c";
  green.settings.emplace();
  green.dependencies = {{"db", "1.0.0+16"}, {"cache", "1.0.0+7"}};
  history::Record red = green;
  red.dependencies["db"] = "1.1.0+17";
  EXPECT_EQ(likely_cause(green, red, {0, 0}, {}),
            "its dependency db moved from 1.0.0+16 to 1.1.0+17");
}

TEST_F(SweepTest, a_night_of_a_name_has_its_verdicts_once) {
  Request named;
  named.night = "tonight";
  named.partial = true;
  run(plan({"a"}, named));
  const Plan again = plan({"a", "b"}, named);
  EXPECT_TRUE(again.continued);
  EXPECT_EQ(again.to_run(), 1U);
  run(again);
  EXPECT_THAT(machine_.started, ElementsAre("a", "b"));
}

TEST_F(SweepTest, old_files_go_and_their_verdicts_stay) {
  run(plan({"a"}));
  const fs::path place = history_.latest()->at("a").place;
  ASSERT_TRUE(fs::exists(place / "results.json"));
  const auto keep = std::chrono::hours(24);
  EXPECT_EQ(prune(history_, "here", setup_.directory, keep, 1'000'000, machine_.wall).value(), 0U);
  EXPECT_EQ(prune(history_, "other", setup_.directory, keep, 0, machine_.wall).value(), 0U);
  EXPECT_GT(prune(history_, "here", setup_.directory, keep, 0, machine_.wall).value(), 0U);
  EXPECT_FALSE(fs::exists(place));
  EXPECT_TRUE(fs::is_empty(setup_.directory));  // nothing of the night stays
  EXPECT_EQ(history_.latest()->at("a").verdict, history::Verdict::pass);
}

TEST_F(SweepTest, both_runs_of_a_red_recipe_count) {
  machine_.scripts["a"] = {{1, "fail"}, {1, "fail"}};
  const Plan planned = plan({"a"});
  run(planned);
  const fs::path first = runs_of(setup_.directory, planned.night) / "a";
  test::write_text(first / "logs.txt", std::string(5000, 'x'));
  const auto freed =
      prune(history_, "here", setup_.directory, std::chrono::hours(24), 4000, machine_.wall);
  EXPECT_GT(freed.value(), 5000U);
  EXPECT_FALSE(fs::exists(first));
}

TEST_F(SweepTest, a_night_of_skips_does_not_stay_for_ever) {
  for (const char* night : {"old", "unfinished", "new"}) {
    const std::string when =
        night == std::string("new") ? base::rfc3339(machine_.wall) : "2020-01-01T00:00:00Z";
    ASSERT_TRUE(history_.begin({night, when, {}, "e", "here"}, {}));
    if (night != std::string("unfinished")) {
      ASSERT_TRUE(history_.end(night, when));
    }
    fs::create_directories(setup_.directory / night);
    test::write_text(setup_.directory / night / "summary.html", "nothing to do");
  }
  ASSERT_TRUE(
      prune(history_, "here", setup_.directory, std::chrono::seconds(1), 1'000'000, machine_.wall));
  EXPECT_FALSE(fs::exists(setup_.directory / "old"));
  EXPECT_TRUE(fs::exists(setup_.directory / "unfinished"));
  EXPECT_TRUE(fs::exists(setup_.directory / "new"));
}

TEST_F(SweepTest, only_files_of_the_same_run_go) {
  run(plan({"a"}));
  const fs::path precious = setup_.directory / "night" / "runs" / "b";
  fs::create_directories(precious);
  history::Record record{.recipe = "c", .night = "night", .environment = "e"};
  record.started = "2020-01-01T00:00:00Z";
  record.verdict = history::Verdict::pass;
  record.machine = "here";
  for (const fs::path& place :
       {setup_.directory, setup_.directory / ".", precious, setup_.directory / "night",
        setup_.directory / "night/runs/../.."}) {
    record.place = place;
    record.environment += "e";
    ASSERT_TRUE(history_.add(record));
  }
  ASSERT_TRUE(
      prune(history_, "here", setup_.directory, std::chrono::hours(24), 1'000'000, machine_.wall));
  EXPECT_TRUE(fs::exists(precious));
  EXPECT_TRUE(fs::exists(history_.latest()->at("a").place));
}

TEST_F(SweepTest, pages_hold_what_programs_rely_on) {
  machine_.scripts["<b>red"] = {{1, "fail"}, {1, "fail"}};
  const Plan planned = plan({"<b>red", "green"});
  const Swept swept = run(planned);
  const base::Json json = to_json(planned, swept);
  EXPECT_EQ(json["recipes"][0]["decision"].text_or_empty(), "run");
  EXPECT_EQ(json["recipes"][0]["verdict"].text_or_empty(), "fail");
  EXPECT_EQ(json["recipes"][1]["level"].number(), 5U);
  EXPECT_THAT(to_html(planned, swept, {}, "/"), Not(HasSubstr("<b>red")));
  EXPECT_THAT(to_junit(planned, swept), HasSubstr("failures=\"1\""));
  EXPECT_THAT(to_junit(planned, swept), Not(HasSubstr("<b>red")));
}

TEST_F(SweepTest, pages_have_the_last_words_and_lead_to_the_logs) {
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  machine_.scripts["flaky"] = {{1, "fail"}, {0, "pass"}};
  const Plan planned = plan({"flaky", "green", "red"});
  const Swept swept = run(planned);
  const fs::path runs = runs_of(setup_.directory, planned.night);
  for (const char* one : {"red", "red+again", "flaky", "green"})
    test::write_text(runs / one / "log.txt", "begin install");
  test::write_text(runs / "flaky+again/output.txt", "said");
  const Evidences evidences = evidences_of(swept, setup_.directory, "here");
  EXPECT_FALSE(evidences.contains("green"));
  EXPECT_EQ(evidences.at("red"),
            (Evidence{"no table", runs / "red+again/log.txt", runs / "red/log.txt"}));
  // The run that counts was green: its words are those of the first one.
  EXPECT_EQ(evidences.at("flaky"),
            (Evidence{"no table", runs / "flaky+again/output.txt", runs / "flaky/log.txt"}));
  const std::string junit = to_junit(planned, swept, evidences);
  EXPECT_THAT(junit, HasSubstr("last words:\nno table</failure><system-out>log: " +
                               (runs / "flaky+again/output.txt").native() +
                               "\nlog of the first run: " + (runs / "flaky/log.txt").native()));
  const std::string html = to_html(planned, swept, {}, runs.parent_path(), evidences);
  EXPECT_THAT(html, HasSubstr("<pre>no table</pre>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"runs/flaky/log.txt\">log of the first run</a>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"runs/red%2Bagain/log.txt\">log</a>"));
  const base::Json json = to_json(planned, swept, evidences);
  EXPECT_EQ(json["recipes"][2]["last_words"].text_or_empty(), "no table");
  EXPECT_EQ(json["recipes"][2]["first_log"].text_or_empty(), (runs / "red/log.txt").native());
  EXPECT_EQ(json["recipes"][1]["log"].text_or_empty(), "");
  // The files of another machine are not here.
  EXPECT_TRUE(evidences_of(swept, setup_.directory, "there").empty());
}

TEST_F(SweepTest, images_are_looked_at_for_what_was_green) {
  machine_.scripts["red"] = {{1, "fail"}, {1, "fail"}};
  run(plan({"green", "red"}));
  Request request{.environment = "env", .machine = "here", .now = machine_.wall};
  std::vector<std::string> asked;
  std::map<std::string, Candidate> candidates{
      {"green", candidate("green")}, {"new", candidate("new")}, {"red", candidate("red")}};
  const auto look = [&](const std::string& recipe, const history::Record&) {
    asked.push_back(recipe);
    ImagesNow now;
    now.gone = {"demo/app:1"};
    return now;
  };
  const Plan planned = make_plan({}, candidates, request, &history_, look).value();
  EXPECT_THAT(asked, ElementsAre("green"));
  EXPECT_EQ(planned.jobs[0].decision.reason,
            "image demo/app:1 can be had from no archive any more");
}

// GitHub refuses a matrix of more than 256 jobs.
TEST_F(SweepTest, a_long_plan_is_split_for_github) {
  std::vector<std::string> recipes;
  for (int i = 0; i < 257; ++i) recipes.push_back("r" + std::to_string(i));
  const std::string text = pipeline(plan(recipes), "github", {"cc-ci"}).value();
  const std::size_t second = text.find("\n  sweep-2:\n");
  ASSERT_NE(second, std::string::npos);
  std::size_t rows = 0;
  for (std::size_t at = text.find("- {"); at < second; at = text.find("- {", at + 1)) ++rows;
  EXPECT_EQ(rows, 256);
  EXPECT_NE(text.find("- {", second), std::string::npos);
}

TEST_F(SweepTest, pipelines_name_each_recipe_that_runs) {
  const Plan planned = plan({"a", "it's"});
  for (const std::string& format : pipeline_formats()) {
    const auto text = pipeline(planned, format, {"cc-ci", "--file", "/etc/ci/cc-ci.toml"});
    ASSERT_TRUE(text) << format;
    EXPECT_THAT(*text, HasSubstr(planned.night)) << format;
    EXPECT_THAT(*text, HasSubstr("it")) << format;
  }
  EXPECT_FALSE(pipeline(planned, "jenkins", {"cc-ci"}));
  Plan wide = planned;
  wide.at_once = 5;
  EXPECT_THAT(*pipeline(wide, "buildbot", {"cc-ci"}), HasSubstr("def add(c, workers, at_once=5):"));
}

TEST_F(SweepTest, a_continued_night_is_planned_without_what_has_its_verdict) {
  Request named;
  named.night = "tonight";
  named.partial = true;
  run(plan({"apple"}, named));
  const Plan rest = plan({"apple", "pear"}, named);
  const std::string drone = pipeline(rest, "drone", {"cc-ci"}).value();
  EXPECT_THAT(drone, HasSubstr("pear"));
  EXPECT_THAT(drone, Not(HasSubstr("apple")));
  EXPECT_EQ(to_json(rest)["recipes"][0]["verdict"].text_or_empty(), "pass");
}

TEST_F(SweepTest, a_call_for_some_recipes_does_not_end_the_night_of_others) {
  int asked = 0;
  setup_.jobs = 1;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  Request named;
  named.night = "tonight";
  run(plan({"a", "b"}, named));  // stopped: both are open
  setup_.asked_to_stop = [] { return false; };
  named.partial = true;
  run(plan({"a"}, named));
  EXPECT_TRUE(history_.night("tonight").value()->ended.empty());
  run(plan({"b"}, named));
  EXPECT_FALSE(history_.night("tonight").value()->ended.empty());
  EXPECT_EQ(history_.of_night("tonight")->size(), 2U);
}

TEST_F(SweepTest, a_sweep_goes_on_with_an_unfinished_night_behind_a_finished_one) {
  int asked = 0;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  const Plan first = plan({"a", "b"});
  run(first);
  setup_.asked_to_stop = [] { return false; };
  Request some;
  some.partial = true;
  const Plan between = plan({"c"}, some);
  EXPECT_NE(between.night, first.night);
  run(between);
  EXPECT_EQ(plan({"a", "b"}).night, first.night);
}

// Its recipes may have new releases until the next sweep of all.
TEST_F(SweepTest, a_sweep_of_all_leaves_the_unfinished_night_of_some_to_its_name) {
  int asked = 0;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  Request some;
  some.partial = true;
  const Plan first = plan({"a", "b"}, some);
  run(first);
  setup_.asked_to_stop = [] { return false; };
  const Plan all = plan({"a", "b", "c"});
  EXPECT_FALSE(all.continued);
  EXPECT_NE(all.night, first.night);
  some.night = first.night;
  EXPECT_TRUE(plan({"a", "b"}, some).continued);
}

TEST_F(SweepTest, the_night_of_another_machine_is_left_to_it) {
  int asked = 0;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  setup_.machine = "other";
  const Plan theirs = plan({"a"});
  run(theirs);
  const Plan ours = plan({"a"});
  EXPECT_NE(ours.night, theirs.night);
  ASSERT_TRUE(close_old(history_, ours, machine_.wall));
  EXPECT_TRUE(history_.night(theirs.night).value()->ended.empty());
}

TEST_F(SweepTest, a_recipe_that_is_not_enrolled_any_more_gets_its_verdict) {
  int asked = 0;
  setup_.asked_to_stop = [&] { return ++asked > 1; };
  const Plan first = plan({"a", "gone"});
  run(first);
  setup_.asked_to_stop = [] { return false; };
  run(plan({"a"}));
  const auto records = history_.of_night(first.night).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].reason, "it is not enrolled any more");
  EXPECT_FALSE(history_.night(first.night).value()->ended.empty());
}

TEST_F(SweepTest, a_report_has_the_recipes_of_all_calls_of_its_night) {
  Request named;
  named.night = "tonight";
  named.partial = true;
  run(plan({"a"}, named));
  machine_.scripts["b"] = {{1, "fail"}, {1, "fail"}};
  const Plan last = plan({"b"}, named);
  run(last);
  const Plan whole = whole_night(history_, last).value();
  ASSERT_EQ(whole.jobs.size(), 2U);
  EXPECT_EQ(whole.done.at("a").verdict, history::Verdict::pass);
  EXPECT_EQ(whole.done.at("b").verdict, history::Verdict::fail);
  const Swept known{.records = whole.done};
  EXPECT_EQ(lines(whole, known)[0].change, "new");
  EXPECT_THAT(to_junit(whole, known), HasSubstr("tests=\"2\" failures=\"1\""));
}

TEST_F(SweepTest, a_verdict_that_came_meanwhile_is_not_made_again) {
  const Plan planned = plan({"a", "b"});
  ASSERT_TRUE(history_.begin({planned.night, planned.started, {}, "env", "other"}, {}));
  history::Record theirs{.recipe = "b", .night = planned.night, .environment = "env"};
  theirs.verdict = history::Verdict::pass;
  ASSERT_TRUE(history_.add(theirs));
  const Swept swept = run(planned);
  EXPECT_EQ(verdict(swept, "b"), "pass");
  EXPECT_THAT(machine_.started, ElementsAre("a"));
}

TEST_F(SweepTest, a_recipe_that_another_sweep_tests_is_waited_for) {
  const Plan planned = plan({"a", "b"});
  const fs::path runs = setup_.directory / planned.night / "runs";
  fs::create_directories(runs);
  const auto directory = base::open_path(runs, O_PATH | O_DIRECTORY).value();
  auto lock = base::open_lock_file(directory.get(), "a+lock").value();
  ASSERT_TRUE(base::try_lock(lock.get(), base::LockMode::exclusive));
  setup_.jobs = 1;
  setup_.asked_to_stop = [&] {
    if (machine_.pauses > 5) lock.reset();
    return false;
  };
  const Swept swept = run(planned);
  EXPECT_THAT(watcher_.waits, ElementsAre(HasSubstr("a another sweep tests it")));
  EXPECT_THAT(machine_.started, ElementsAre("b", "a"));
  EXPECT_EQ(verdict(swept, "a"), "pass");
}

}  // namespace
}  // namespace ccci::sweep
