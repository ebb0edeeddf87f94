// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/test.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/json.hpp"
#include "job/run_log.hpp"
#include "job/test_record.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::job {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class TestJob : public testing::Test {
 protected:
  TestJob() {
    fs::create_directories(scratch / "demo");
    write("services: {app: {image: demo/app:1}}\n");
    test::write_text(scratch / "demo/.env.sample", "TYPE=demo\n");
    project.file = scratch / "cc-ci.toml";
  }

  void write(std::string_view compose) { test::write_text(scratch / "demo/compose.yml", compose); }
  base::Json stored(const fs::path& out) {
    const auto read = base::Json::parse(test::read_text(out / "results.json"));
    EXPECT_TRUE(read);
    return read ? *read : base::Json();
  }

  test::Scratch scratch;
  project::Project project;
  std::vector<std::string> warnings;
  Caller caller{
      .context = {scratch / "state", true, base::silent()},
      .warn = [this](std::string_view text) { warnings.emplace_back(text); },
      .look_at_store =
          [] { return base::Result<store::Store>(base::unexpected(base::fail("test.none"))); }};
};

TEST_F(TestJob, a_plan_says_which_tiers_run_and_leaves_no_file) {
  const auto plan =
      plan_test(project, {.recipe = (scratch / "demo").native(), .base = "9.9.9+1"}, caller);
  ASSERT_TRUE(plan) << plan.error().code;
  EXPECT_EQ(plan->recipe, "demo");
  EXPECT_TRUE(plan->runs("install"));
  EXPECT_FALSE(plan->runs("upgrade"));
  EXPECT_FALSE(fs::exists(scratch / "state"));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("--base 9.9.9+1")));
}

TEST_F(TestJob, a_plan_of_a_broken_recipe_is_its_error) {
  write("services: [\n");
  const auto plan = plan_test(project, {.recipe = (scratch / "demo").native()}, caller);
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().code, testing::StartsWith("recipe."));
}

TEST_F(TestJob, a_mistake_of_the_recipe_is_a_red_result_and_one_of_the_machine_is_not) {
  run::Intent intent{.source = {}, .only = {}, .commit = "abc"};
  intent.source.name = "demo";
  const auto record = TestRecord::make(scratch / "out", scratch / "state", "run-1");
  ASSERT_TRUE(record) << record.error().code;
  const auto red = record->unreadable(
      intent, base::fail("run.large-recipe", base::Condition::too_large).with("name", "demo"));
  ASSERT_TRUE(red) << red.error().code;
  EXPECT_EQ(run::verdict(red->result), run::Verdict::fail);
  EXPECT_EQ(stored(scratch / "out")["verdict"], "fail");

  const auto full =
      record->unreadable(intent, base::fail("base.no-space", base::Condition::no_space)
                                     .with("path", "/x")
                                     .with("cause", "full"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "base.no-space");
  EXPECT_NE(stored(scratch / "out")["verdict"], "fail");
}

TEST_F(TestJob, files_of_an_earlier_run_do_not_stay_and_a_second_run_is_refused) {
  fs::create_directories(scratch / "state/results/run-1/logs");
  test::write_text(scratch / "state/results/run-1/screenshot.png", "old");
  const auto record = TestRecord::make({}, scratch / "state", "run-1");
  ASSERT_TRUE(record) << record.error().code;
  EXPECT_EQ(record->directory(), scratch / "state/results/run-1");
  EXPECT_TRUE(fs::is_empty(record->directory()));
  const auto second = TestRecord::make({}, scratch / "state", "run-1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "run.out-in-use");
}

// A user whose directory --out is in puts a link to another directory in its place.
TEST_F(TestJob, files_go_into_the_directory_that_was_made_whatever_takes_its_place) {
  fs::create_directories(scratch / "precious/logs");
  const auto record = TestRecord::make(scratch / "out", scratch / "state", "run-1");
  ASSERT_TRUE(record) << record.error().code;
  fs::rename(scratch / "out", scratch / "moved");
  fs::create_directory_symlink(scratch / "precious", scratch / "out");
  run::Intent intent{.source = {}, .only = {}, .commit = "abc"};
  intent.source.name = "demo";
  ASSERT_TRUE(record->unreadable(
      intent, base::fail("run.large-recipe", base::Condition::too_large).with("name", "demo")));
  EXPECT_TRUE(fs::exists(scratch / "moved/results.json"));
  EXPECT_TRUE(fs::exists(scratch / "moved/log.txt"));
  EXPECT_FALSE(fs::exists(scratch / "precious/results.json"));
  EXPECT_TRUE(fs::exists(scratch / "precious/logs"));
}

TEST_F(TestJob, a_log_waits_for_no_fifo_and_goes_into_no_file_of_somebody_else) {
  fs::create_directories(scratch / "out");
  ASSERT_EQ(mkfifo((scratch / "out/log.txt").c_str(), 0600), 0);
  EXPECT_FALSE(RunLog::open(scratch / "out/log.txt", base::silent(), run::Mask()));
  const auto record = TestRecord::make(scratch / "out", scratch / "state", "run-1");
  ASSERT_TRUE(record) << record.error().code;
  const run::Mask mask;
  EXPECT_TRUE(RunLog::open(record->place() / "log.txt", base::silent(), mask));
  EXPECT_TRUE(fs::is_regular_file(scratch / "out/log.txt"));
}

}  // namespace
}  // namespace ccci::job
