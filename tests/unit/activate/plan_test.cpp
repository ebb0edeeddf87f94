// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/plan.hpp"

#include <gmock/gmock.h>

#include "activate/layout.hpp"

namespace ccci::activate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* drop_in = "worker.service.d/50-cc-ci.conf";

Generation generation(std::uint64_t number, std::map<std::string, std::string> units) {
  Generation generation;
  generation.number = number;
  generation.units = std::move(units);
  return generation;
}

UnitState unit(const std::string& name, const std::string& active, const std::string& piece = "i") {
  UnitState state;
  state.name = name;
  state.load = "loaded";
  state.active = active;
  state.type = "simple";
  state.invocation = piece;
  return state;
}

// As if `generation` had been switched to and nothing happened since.
Observed settled(const Generation& generation) {
  Observed observed;
  observed.current = observed.confirmed = generation.number;
  observed.links = wanted_links(generation);
  for (const std::string& timer : timers_of(generation)) {
    observed.units[timer] = unit(timer, "active");
  }
  for (const std::string& name : attached_of(generation)) {
    observed.units[name] = unit(name, "active");
  }
  return observed;
}

std::vector<std::string> lines(const base::Result<Plan>& plan) {
  std::vector<std::string> list;
  for (const Operation& operation : plan->operations) list.push_back(describe(operation));
  return list;
}

const Generation one = generation(1, {{"n.service", "a"}, {"n.timer", "b"}, {drop_in, "c"}});

TEST(Plan, NothingIsDoneWhereNothingDiffers) {
  const auto plan = make_plan(settled(one), one, one, true);
  EXPECT_THAT(plan->operations, IsEmpty());
  EXPECT_THAT(plan->required, ElementsAre("worker.service"));
}

TEST(Plan, FirstSwitchMakesEveryNameBeforeItCommits) {
  Observed observed;
  observed.units["worker.service"] = unit("worker.service", "active");
  EXPECT_THAT(
      lines(make_plan(observed, {}, one, false)),
      ElementsAre("begin     the way to generation 1", "publish   generation 1",
                  "link      /etc/profile.d/cc-ci.sh -> /usr/local/lib/cc-ci/current/profile.sh",
                  "link      /etc/systemd/system/timers.target.wants/n.timer -> "
                  "/usr/local/lib/systemd/system/n.timer",
                  "link      /usr/local/lib/systemd/system/n.service -> "
                  "/usr/local/lib/cc-ci/current/systemd/n.service",
                  "link      /usr/local/lib/systemd/system/n.timer -> "
                  "/usr/local/lib/cc-ci/current/systemd/n.timer",
                  "link      /usr/local/lib/systemd/system/worker.service.d/50-cc-ci.conf -> "
                  "/usr/local/lib/cc-ci/current/systemd/worker.service.d/50-cc-ci.conf",
                  "note      worker.service", "activate  generation 1", "reload    systemd",
                  "restart   worker.service", "stamp     n.timer", "start     n.timer"));
}

// systemd would make up for a run that only the old schedule missed.
TEST(Plan, OnlyAChangedScheduleIsStamped) {
  const auto stamped = [](const Generation& from, const Generation& to) {
    const Observed observed = settled(from);
    const auto plan = make_plan(observed, from, to, false);
    for (const Operation& operation : plan->operations) {
      if (operation.act == Operation::Act::stamp) return operation.units;
    }
    return std::vector<std::string>{};
  };
  const Generation job = generation(2, {{"n.service", "A"}, {"n.timer", "b"}, {drop_in, "c"}});
  const Generation time = generation(2, {{"n.service", "a"}, {"n.timer", "B"}, {drop_in, "c"}});
  const Generation none = generation(2, {{drop_in, "c"}});
  EXPECT_THAT(stamped(one, job), IsEmpty()) << "it may make up for a run that it missed";
  EXPECT_THAT(stamped(one, time), ElementsAre("n.timer"));
  EXPECT_THAT(stamped(none, one), ElementsAre("n.timer")) << "put back";
}

TEST(Plan, RunnerThatDoesNotRunIsNotStarted) {
  Observed observed;
  observed.units["worker.service"] = unit("worker.service", "inactive");
  const auto plan = make_plan(observed, {}, one, false);
  EXPECT_THAT(lines(plan), Not(testing::Contains(HasSubstr("worker.service  "))));
  EXPECT_THAT(plan->required, IsEmpty());
}

TEST(Plan, EnabledRunnerThatWaitedForItsTextIsStarted) {
  Observed observed;
  observed.units["worker.service"] = unit("worker.service", "failed");
  observed.units["worker.service"].file_state = "enabled";
  const auto plan = make_plan(observed, {}, one, false);
  EXPECT_THAT(lines(plan), testing::Contains("restart   worker.service"));
  EXPECT_THAT(plan->required, ElementsAre("worker.service"));

  Observed stopped = settled(one);
  stopped.units["worker.service"] = observed.units["worker.service"];
  EXPECT_THAT(make_plan(stopped, one, one, true)->operations, IsEmpty()) << "stopped by somebody";
  EXPECT_THAT(lines(make_plan(stopped, one, {}, true)),
              Not(testing::Contains("restart   worker.service")));
}

TEST(Plan, RunnerWithTheSameTextIsLeftAlone) {
  const Generation two = generation(2, {{"n.service", "A"}, {"n.timer", "b"}, {drop_in, "c"}});
  EXPECT_THAT(lines(make_plan(settled(one), one, two, false)),
              ElementsAre("begin     the way to generation 2", "publish   generation 2",
                          "pause     n.timer", "activate  generation 2", "reload    systemd",
                          "start     n.timer"));
}

TEST(Plan, WayBackToNothingTakesEveryNameAway) {
  const auto text = lines(make_plan(settled(one), one, {}, true));
  EXPECT_THAT(text, ElementsAre("begin     the way to nothing", "pause     n.timer",
                                "note      worker.service", "activate  nothing",
                                HasSubstr("unlink    /etc/profile.d"), HasSubstr("unlink    /etc"),
                                HasSubstr("unlink    /usr"), HasSubstr("unlink    /usr"),
                                HasSubstr("unlink    /usr"), "reload    systemd",
                                "restart   worker.service"));
}

TEST(Plan, KilledBeforeTheRestartItIsStillOwed) {
  Observed observed = settled(one);
  observed.pending = true;
  observed.waiting["worker.service"] = {"i", "older"};
  EXPECT_THAT(lines(make_plan(observed, one, one, true)),
              ElementsAre("begin     the way to generation 1", "pause     n.timer",
                          "reload    systemd", "restart   worker.service", "start     n.timer"));
}

TEST(Plan, KilledBeforeTheRestartTheWayBackOwesNone) {
  Observed observed = settled(one);
  observed.pending = true;
  observed.waiting["worker.service"] = {"i", "c"};
  EXPECT_THAT(lines(make_plan(observed, one, one, true)),
              Not(testing::Contains(HasSubstr("restart"))));
}

TEST(Plan, RestartedByHandInBetweenItIsRestartedAgain) {
  Observed observed = settled(one);
  observed.waiting["worker.service"] = {"another piece", "c"};
  EXPECT_THAT(lines(make_plan(observed, one, one, true)),
              testing::Contains("restart   worker.service"));
}

TEST(Plan, RunnerThatFailedInOurRestartIsRestartedAndRequired) {
  Observed observed = settled(one);
  observed.units["worker.service"].active = "failed";
  observed.waiting["worker.service"] = {"i", "older"};
  const auto plan = make_plan(observed, one, one, true);
  EXPECT_THAT(lines(plan), testing::Contains("restart   worker.service"));
  EXPECT_THAT(plan->required, ElementsAre("worker.service"));
}

TEST(Plan, RunningOneshotIsNeverRestarted) {
  Observed observed;
  observed.units["worker.service"] = unit("worker.service", "activating");
  observed.units["worker.service"].type = "oneshot";
  EXPECT_THAT(lines(make_plan(observed, {}, one, false)),
              Not(testing::Contains(HasSubstr("restart"))));
}

TEST(Plan, RunnerThatLivesInAnotherEnvironmentIsRestarted) {
  Generation with = one;
  with.attached["worker.service"] = "new";
  Observed observed = settled(with);
  observed.inside["worker.service"] = "old";
  EXPECT_THAT(lines(make_plan(observed, with, with, true)),
              testing::Contains("restart   worker.service"));
  observed.inside["worker.service"] = "new";
  EXPECT_THAT(make_plan(observed, with, with, true)->operations, IsEmpty());
}

TEST(Plan, StoppedTimerIsStartedWithoutPausingOthers) {
  const Generation two = generation(1, {{"a.timer", "1"}, {"b.timer", "2"}});
  Observed observed = settled(two);
  observed.units["b.timer"].active = "inactive";
  EXPECT_THAT(lines(make_plan(observed, two, two, true)),
              ElementsAre("begin     the way to generation 1", "start     b.timer"));
}

TEST(Plan, LinkOfNobodyIsTakenAway) {
  Observed observed = settled(one);
  observed.links["/usr/local/lib/systemd/system/old.timer"] =
      "/usr/local/lib/cc-ci/current/systemd/old.timer";
  EXPECT_THAT(lines(make_plan(observed, one, one, true)),
              testing::Contains("unlink    /usr/local/lib/systemd/system/old.timer"));
}

TEST(Plan, TimerThatTheAdministratorEnabledKeepsHisLink) {
  const std::string wants = "/etc/systemd/system/timers.target.wants/n.timer";
  Observed observed = settled(one);
  observed.links.erase(wants);
  observed.settled.insert(wants);
  EXPECT_THAT(make_plan(observed, one, one, true)->operations, IsEmpty());
}

TEST(Plan, FilesOfOthersAreNamedAndNothingIsPlanned) {
  Observed observed = settled(one);
  observed.foreign = {"/etc/profile.d/cc-ci.sh", "/usr/local/lib/systemd/system/n.timer"};
  const auto plan = make_plan(observed, one, one, true);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, "activate.foreign");
  EXPECT_EQ(plan.error().field("path"), "/etc/profile.d/cc-ci.sh");
  ASSERT_EQ(plan.error().also.size(), 1U);
  EXPECT_EQ(plan.error().also[0].field("path"), "/usr/local/lib/systemd/system/n.timer");
}

TEST(Plan, LinkThatLeadsNowhereIsMadeAnewOrTakenAway) {
  Observed observed = settled(one);
  observed.lost = true;
  observed.current = 0;
  EXPECT_THAT(lines(make_plan(observed, Generation{}, one, true)),
              testing::Contains("activate  generation 1"));
  EXPECT_THAT(lines(make_plan(observed, Generation{}, Generation{}, true)),
              testing::Contains("activate  nothing"));
}

}  // namespace
}  // namespace ccci::activate
