// SPDX-License-Identifier: GPL-3.0-or-later
// Judges answers that Docker 20.10 gave; tests/engine/stack_test.cpp records them.
#include "engine/convergence.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::HasSubstr;

class ConvergenceTest : public testing::Test {
 protected:
  static Snapshot recorded(const std::string& name) {
    const auto json = base::Json::parse(test::read_text(
        std::string(CCCI_SOURCE_DIR) + "/tests/unit/engine/recorded/" + name + ".json"));
    EXPECT_TRUE(json) << name;
    return read_snapshot((*json)["services"], (*json)["tasks"]);
  }
  static ServiceStatus judged(const Snapshot& snapshot) {
    // A little later than the newest task.
    const WallTime now =
        snapshot.tasks.empty() ? WallTime{} : newest(snapshot) + std::chrono::seconds(1);
    return judge(snapshot, now).at(0);
  }
  static WallTime newest(const Snapshot& snapshot) {
    WallTime time{};
    for (const Task& task : snapshot.tasks) time = std::max(time, task.changed);
    return time;
  }

  // One service with tasks that the test describes.
  Snapshot made(std::uint64_t replicas) {
    Snapshot snapshot;
    Service service;
    service.id = "s";
    service.name = "app";
    service.replicas = replicas;
    snapshot.services.push_back(service);
    return snapshot;
  }
  static Task& add(Snapshot& snapshot, TaskState state, TaskState desired = TaskState::running) {
    Task task;
    task.service = "s";
    task.state = state;
    task.desired = desired;
    task.container = "c";
    snapshot.tasks.push_back(task);
    return snapshot.tasks.back();
  }
};

TEST_F(ConvergenceTest, running_task_is_converged) {
  const Snapshot snapshot = recorded("runs");
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::converged);
  EXPECT_EQ(status.running, 1U);
  EXPECT_EQ(status.wanted, 1U);
  EXPECT_EQ(status.since, snapshot.tasks[0].changed);
}

TEST_F(ConvergenceTest, update_that_is_done_is_converged) {
  EXPECT_EQ(judged(recorded("updates-in-place-and-prunes")).phase, Phase::converged);
}

TEST_F(ConvergenceTest, completed_update_waits_for_the_old_task) {
  Snapshot snapshot = recorded("updates-in-place-and-prunes");
  for (Task& task : snapshot.tasks) {
    if (task.desired == TaskState::shutdown) task.state = TaskState::running;
  }
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::progressing);
  EXPECT_EQ(status.old, 1U);
}

TEST_F(ConvergenceTest, update_in_progress_is_not_converged) {
  Snapshot snapshot = recorded("runs");
  for (const Update update : {Update::updating, Update::rolling_back}) {
    snapshot.services[0].update = update;
    EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  }
  snapshot.services[0].update = Update::completed;
  EXPECT_EQ(judged(snapshot).phase, Phase::converged);
}

TEST_F(ConvergenceTest, paused_update_is_settled_and_failed) {
  Snapshot snapshot = recorded("runs");
  for (const Update update : {Update::paused, Update::rollback_paused}) {
    snapshot.services[0].update = update;
    snapshot.services[0].update_message = "update paused due to failure";
    const ServiceStatus status = judged(snapshot);
    EXPECT_EQ(status.phase, Phase::failed);
    EXPECT_EQ(status.cause, Cause::paused);
    EXPECT_EQ(status.detail, "update paused due to failure");
  }
}

TEST_F(ConvergenceTest, update_that_is_paused_because_a_job_ended_well_is_complete) {
  Snapshot snapshot = made(1);
  snapshot.services[0].restarts_after_success = false;
  snapshot.services[0].update = Update::paused;
  snapshot.services[0].update_message = "update paused due to failure or early termination of task";
  Task& done = add(snapshot, TaskState::complete, TaskState::shutdown);
  done.current = true;
  EXPECT_EQ(judged(snapshot).phase, Phase::complete);
  snapshot.tasks[0].state = TaskState::failed;
  snapshot.tasks[0].exit_code = 4;
  EXPECT_EQ(judged(snapshot).phase, Phase::failed);
}

TEST_F(ConvergenceTest, rollback_is_a_failure_with_the_cause_of_the_new_task) {
  Snapshot snapshot = recorded("failed-update-is-told-and-rolled-back");
  EXPECT_EQ(snapshot.services[0].update, Update::rolled_back);
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.cause, Cause::crash);
  EXPECT_EQ(status.exit_code, 4);
  std::erase_if(snapshot.tasks, [](const Task& task) { return task.state == TaskState::failed; });
  EXPECT_EQ(judged(snapshot).cause, Cause::rolled_back);
}

TEST_F(ConvergenceTest, crash_loop_has_its_exit_code) {
  Snapshot snapshot = recorded("crash-loop-is-told");
  for (Task& task : snapshot.tasks) task.last_lines = "no database";
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.cause, Cause::crash);
  EXPECT_EQ(status.exit_code, 3);
  EXPECT_EQ(status.last_lines, "no database");
}

TEST_F(ConvergenceTest, two_failures_are_not_yet_a_crash_loop) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::starting);
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  EXPECT_EQ(judged(snapshot).cause, Cause::crash);
  EXPECT_EQ(judged(snapshot).failures, 2U);
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  EXPECT_EQ(judged(snapshot).phase, Phase::failed);
}

// Docker has no order of starts: an app ends until its database is up.
TEST_F(ConvergenceTest, failures_before_the_others_are_up_do_not_count) {
  const WallTime begin = WallTime{} + std::chrono::hours(1);
  const auto at = [&](int seconds) { return begin + std::chrono::seconds(seconds); };
  Snapshot snapshot = made(1);
  for (const int second : {1, 6, 11}) {
    Task& task = add(snapshot, TaskState::failed, TaskState::shutdown);
    task.created = task.changed = at(second);
  }
  add(snapshot, TaskState::starting);
  EXPECT_EQ(judge(snapshot, at(12)).at(0).phase, Phase::failed);  // alone

  Service database;
  database.id = "d";
  database.name = "db";
  snapshot.services.push_back(database);
  Task other;
  other.service = "d";
  other.state = TaskState::starting;
  other.desired = TaskState::running;
  other.changed = at(13);
  snapshot.tasks.push_back(other);
  EXPECT_EQ(judge(snapshot, at(60)).at(0).phase, Phase::progressing);
  snapshot.tasks.back().state = TaskState::running;
  EXPECT_EQ(judge(snapshot, at(60)).at(0).phase, Phase::progressing);

  for (const int second : {16, 21, 26}) {
    Task& task = add(snapshot, TaskState::failed, TaskState::shutdown);
    task.created = task.changed = at(second);
  }
  EXPECT_EQ(judge(snapshot, at(30)).at(0).phase, Phase::progressing);
  EXPECT_EQ(judge(snapshot, at(34)).at(0).phase, Phase::failed);
}

TEST_F(ConvergenceTest, services_that_fail_do_not_wait_for_each_other) {
  Snapshot snapshot = made(1);
  Service other = snapshot.services[0];
  other.id = "t";
  other.name = "other";
  snapshot.services.push_back(other);
  for (int i = 0; i < 3; ++i) {
    add(snapshot, TaskState::failed, TaskState::shutdown);
    add(snapshot, TaskState::failed, TaskState::shutdown).service = "t";
  }
  for (const ServiceStatus& status : judge(snapshot, WallTime{} + std::chrono::hours(1))) {
    EXPECT_EQ(status.phase, Phase::failed);
  }
}

TEST_F(ConvergenceTest, missing_image_waits_for_nobody) {
  Snapshot snapshot = recorded("missing-image-is-told");
  Service slow;
  slow.id = "slow";
  slow.name = "z-slow";
  snapshot.services.push_back(slow);
  EXPECT_EQ(judged(snapshot).phase, Phase::failed);
}

TEST_F(ConvergenceTest, service_that_recovered_is_converged) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::running);
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  EXPECT_EQ(judged(snapshot).phase, Phase::converged);
}

TEST_F(ConvergenceTest, failures_of_an_earlier_spec_do_not_count) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::starting);
  for (int i = 0; i < 3; ++i) add(snapshot, TaskState::failed, TaskState::shutdown).current = false;
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
}

TEST_F(ConvergenceTest, tasks_of_the_present_spec_are_known_by_their_spec) {
  for (const Task& task : recorded("failed-update-is-told-and-rolled-back").tasks) {
    if (task.state == TaskState::running) {
      EXPECT_TRUE(task.current);
    }
    if (task.state == TaskState::failed) {
      EXPECT_FALSE(task.current);
    }
  }
}

TEST_F(ConvergenceTest, running_task_of_an_earlier_spec_is_stale) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::running).current = false;
  EXPECT_EQ(judged(snapshot).stale, 1U);
}

TEST_F(ConvergenceTest, start_that_takes_long_has_the_output_of_the_check) {
  Snapshot snapshot = made(1);
  Task& task = add(snapshot, TaskState::starting);
  task.inspected = ContainerState{true, 0, false, Health::starting, "connection refused", false};
  task.last_lines = "loading";
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::progressing);
  EXPECT_EQ(status.cause, Cause::none);
  EXPECT_EQ(status.detail, "connection refused");
  EXPECT_EQ(status.last_lines, "loading");
}

TEST_F(ConvergenceTest, program_that_ends_well_again_and_again_is_a_crash_loop) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::ready, TaskState::ready);
  add(snapshot, TaskState::complete, TaskState::shutdown);
  add(snapshot, TaskState::complete, TaskState::shutdown);
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  add(snapshot, TaskState::complete, TaskState::shutdown);
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.cause, Cause::crash);
  EXPECT_EQ(status.exit_code, 0);
}

TEST_F(ConvergenceTest, memory_kill_is_told_apart_from_a_crash) {
  Snapshot snapshot = recorded("memory-kill-is-told");
  EXPECT_EQ(judged(snapshot).cause, Cause::crash);  // the task alone does not say it
  for (Task& task : snapshot.tasks) {
    task.inspected = ContainerState{false, 137, true, Health::none, "", false};
  }
  EXPECT_EQ(judged(snapshot).cause, Cause::memory);
  EXPECT_EQ(judged(snapshot).exit_code, 137);
}

TEST_F(ConvergenceTest, bad_health_has_the_output_of_the_check) {
  Snapshot snapshot = recorded("bad-health-is-told");
  EXPECT_EQ(judged(snapshot).cause, Cause::unhealthy);
  for (Task& task : snapshot.tasks) {
    task.inspected = ContainerState{false, 137, false, Health::unhealthy, "nothing listens", false};
  }
  EXPECT_EQ(judged(snapshot).cause, Cause::unhealthy);
  EXPECT_EQ(judged(snapshot).detail, "nothing listens");
}

TEST_F(ConvergenceTest, bad_health_is_told_though_the_program_ended_well) {
  Snapshot snapshot = made(1);
  for (int i = 0; i < 3; ++i) add(snapshot, TaskState::complete, TaskState::shutdown);
  for (Task& task : snapshot.tasks)
    task.inspected = ContainerState{false, 0, false, Health::unhealthy, "nothing listens", true};
  EXPECT_EQ(judged(snapshot).cause, Cause::unhealthy);
  EXPECT_EQ(judged(snapshot).detail, "nothing listens");
  // It ended by itself before.
  for (Task& task : snapshot.tasks) task.inspected->failed_checks = false;
  EXPECT_EQ(judged(snapshot).cause, Cause::crash);
}

TEST_F(ConvergenceTest, container_has_failed_all_its_checks) {
  const auto failed = [](const std::string& health, const std::string& check) {
    return read_container(*base::Json::parse("{\"State\": {\"Health\": " + health +
                                             "}, \"Config\": {\"Healthcheck\": " + check + "}}"))
        .failed_checks;
  };
  EXPECT_TRUE(failed(R"({"Status": "unhealthy", "FailingStreak": 3})", "{}"));
  EXPECT_FALSE(failed(R"({"Status": "unhealthy", "FailingStreak": 2})", "{}"));
  EXPECT_FALSE(failed(R"({"Status": "unhealthy", "FailingStreak": 3})", R"({"Retries": 10})"));
  EXPECT_FALSE(failed("{}", "{}"));
}

TEST_F(ConvergenceTest, a_check_that_was_cut_off_hides_no_words) {
  const auto said = [](const std::string& log) {
    return read_container(*base::Json::parse(R"({"State": {"Health": {"Log": )" + log + "}}}"))
        .health_output;
  };
  EXPECT_EQ(said(R"([{"Output": "one"}, {"Output": "two"}])"), "two");
  EXPECT_EQ(said(R"([{"Output": "one"}, {"Output": ""}])"), "one");
  EXPECT_EQ(said(R"([{"Output": ""}])"), "");
  EXPECT_EQ(said("[]"), "");
}

TEST_F(ConvergenceTest, missing_image_is_told) {
  const ServiceStatus status = judged(recorded("missing-image-is-told"));
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.cause, Cause::image);
  EXPECT_THAT(status.detail, HasSubstr("nobody/has:this"));
}

TEST_F(ConvergenceTest, program_that_does_not_exist_is_told) {
  const ServiceStatus status = judged(recorded("program-that-does-not-exist-is-told"));
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.cause, Cause::refused);
}

TEST_F(ConvergenceTest, engine_that_lost_containerd_is_no_fault_of_the_program) {
  Snapshot snapshot = recorded("program-that-does-not-exist-is-told");
  for (Task& task : snapshot.tasks)
    task.error =
        "starting container failed: connection error: desc = \"transport: Error while dialing dial "
        "unix /run/docker/containerd/containerd.sock: connect: connection refused\": unavailable";
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.cause, Cause::engine);
}

TEST_F(ConvergenceTest, node_is_waited_for_a_while) {
  const Snapshot snapshot = recorded("no-suitable-node-is-told");
  const WallTime pending = snapshot.tasks[0].changed;
  const ServiceStatus early = judge(snapshot, pending + std::chrono::seconds(1)).at(0);
  EXPECT_EQ(early.phase, Phase::progressing);
  EXPECT_EQ(early.cause, Cause::no_node);
  const ServiceStatus late = judge(snapshot, pending + std::chrono::seconds(6)).at(0);
  EXPECT_EQ(late.phase, Phase::failed);
  EXPECT_THAT(late.detail, HasSubstr("no suitable node"));
}

TEST_F(ConvergenceTest, one_shot_is_complete) {
  Snapshot snapshot = recorded("one-shot-is-complete");
  EXPECT_EQ(judged(snapshot).phase, Phase::complete);
  snapshot.services[0].replicas = 2;
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
}

TEST_F(ConvergenceTest, one_shot_that_failed_for_good_is_failed_at_once) {
  Snapshot snapshot = made(1);
  snapshot.services[0].restarts_after_success = false;
  snapshot.services[0].restarts_after_failure = false;
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 2;
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::failed);
  EXPECT_EQ(status.exit_code, 2);
  EXPECT_EQ(status.cause, Cause::ended);
}

TEST_F(ConvergenceTest, attempts_that_are_used_up_are_a_failure) {
  Snapshot snapshot = made(1);
  snapshot.services[0].most_restarts = 1;
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 2;
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 2;
  const auto after = [&](int seconds) {
    return judge(snapshot, newest(snapshot) + std::chrono::seconds(seconds)).at(0);
  };
  EXPECT_EQ(after(1).phase, Phase::progressing);
  EXPECT_EQ(after(6).phase, Phase::failed);
  EXPECT_EQ(after(6).cause, Cause::crash);
  // The next one is there already, and waits for its delay.
  add(snapshot, TaskState::preparing);
  EXPECT_EQ(after(60).phase, Phase::progressing);
}

TEST_F(ConvergenceTest, job_that_runs_is_not_done) {
  Snapshot snapshot = made(1);
  snapshot.services[0].mode = ServiceMode::job;
  add(snapshot, TaskState::running, TaskState::complete);
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  snapshot.tasks[0].state = TaskState::complete;
  EXPECT_EQ(judged(snapshot).phase, Phase::complete);
}

TEST_F(ConvergenceTest, task_of_a_job_that_ended_well_is_no_failure) {
  Snapshot snapshot = made(2);
  snapshot.services[0].mode = ServiceMode::job;
  add(snapshot, TaskState::running, TaskState::complete);
  add(snapshot, TaskState::complete, TaskState::complete);
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  EXPECT_EQ(judged(snapshot).cause, Cause::none);
  EXPECT_EQ(judged(snapshot).failures, 0U);
}

TEST_F(ConvergenceTest, one_end_is_no_loop) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::starting);
  add(snapshot, TaskState::failed, TaskState::shutdown).exit_code = 3;
  EXPECT_EQ(judged(snapshot).cause, Cause::again);
  EXPECT_EQ(judged(snapshot).exit_code, 3);
}

TEST_F(ConvergenceTest, service_that_was_well_has_fallen_though_another_task_runs) {
  Snapshot snapshot = made(1);
  add(snapshot, TaskState::running).id = "new";
  const auto nobody = [](const Task&) { return false; };
  EXPECT_FALSE(fallen(snapshot, WallTime{}, nobody));
  Task& failed = add(snapshot, TaskState::failed, TaskState::shutdown);
  failed.id = "old";
  failed.exit_code = 3;
  failed.last_lines = "no such table";
  EXPECT_EQ(judged(snapshot).phase, Phase::converged);
  const auto status = fallen(snapshot, WallTime{}, nobody);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->phase, Phase::failed);
  EXPECT_EQ(status->cause, Cause::fell);
  EXPECT_EQ(status->exit_code, 3);
  EXPECT_EQ(status->last_lines, "no such table");
  EXPECT_FALSE(fallen(snapshot, WallTime{}, [](const Task& task) { return task.id == "old"; }));
  // A task of an earlier spec was ended by the update.
  snapshot.tasks.back().current = false;
  EXPECT_FALSE(fallen(snapshot, WallTime{}, nobody));
}

TEST_F(ConvergenceTest, one_shot_that_failed_later_is_told_as_one) {
  Snapshot snapshot = made(1);
  snapshot.services[0].restarts_after_success = false;
  snapshot.services[0].restarts_after_failure = false;
  Task& task = add(snapshot, TaskState::complete, TaskState::shutdown);
  const auto nobody = [](const Task&) { return false; };
  EXPECT_FALSE(fallen(snapshot, WallTime{}, nobody));
  task.state = TaskState::failed;
  task.exit_code = 1;
  const auto status = fallen(snapshot, WallTime{}, nobody);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->cause, Cause::ended);
}

TEST_F(ConvergenceTest, no_replicas_on_purpose_is_converged) {
  EXPECT_EQ(judged(made(0)).phase, Phase::converged);
}

TEST_F(ConvergenceTest, every_replica_must_run) {
  Snapshot snapshot = made(3);
  add(snapshot, TaskState::running);
  add(snapshot, TaskState::running);
  add(snapshot, TaskState::preparing);
  const ServiceStatus status = judged(snapshot);
  EXPECT_EQ(status.phase, Phase::progressing);
  EXPECT_EQ(status.running, 2U);
  snapshot.tasks[2].state = TaskState::running;
  EXPECT_EQ(judged(snapshot).phase, Phase::converged);
}

TEST_F(ConvergenceTest, global_service_needs_a_task) {
  Snapshot snapshot = made(1);
  snapshot.services[0].mode = ServiceMode::global;
  EXPECT_EQ(judged(snapshot).phase, Phase::progressing);
  add(snapshot, TaskState::running);
  EXPECT_EQ(judged(snapshot).phase, Phase::converged);
}

TEST_F(ConvergenceTest, window_is_that_of_the_health_check) {
  Service service;
  EXPECT_EQ(stable_window(service), std::chrono::seconds(3));
  service.health_interval = std::chrono::milliseconds(100);
  EXPECT_EQ(stable_window(service), std::chrono::seconds(1));
  service.health_interval = std::chrono::seconds(5);
  EXPECT_EQ(stable_window(service), std::chrono::seconds(5));
  service.health_interval = std::chrono::minutes(2);
  EXPECT_EQ(stable_window(service), std::chrono::seconds(10));
}

TEST_F(ConvergenceTest, hostile_answers_are_no_crash) {
  const auto json = base::Json::parse(
      R"([{"Status":7,"Spec":[],"CreatedAt":"9999999-99-99T99:99:99Z"},3,null,"x",{"ID":{}}])");
  ASSERT_TRUE(json);
  const Snapshot snapshot = read_snapshot(*json, *json);
  EXPECT_EQ(judge(snapshot, WallTime{}).size(), snapshot.services.size());
}

TEST(Time, is_read_to_the_nanosecond) {
  const WallTime time = parse_time("2026-11-27T18:26:44.844136837Z");
  EXPECT_EQ(time.time_since_epoch(), std::chrono::nanoseconds(1795804004844136837));
  EXPECT_EQ(parse_time("2026-11-27T18:26:45Z") - time, std::chrono::nanoseconds(155863163));
  EXPECT_EQ(parse_time("0001-01-01T00:00:00Z"), WallTime{});
  EXPECT_EQ(parse_time("9999-12-31T23:59:59Z"), WallTime{});
  EXPECT_EQ(parse_time("no time"), WallTime{});
  EXPECT_EQ(parse_time(""), WallTime{});
}

}  // namespace
}  // namespace ccci::engine
