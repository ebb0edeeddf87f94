// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/verdict.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using enum Verdict;

Result result_of(const std::vector<std::pair<const char*, Verdict>>& rungs) {
  Result result;
  result.clean_teardown = true;
  for (const char* tier :
       {"lint", "install", "redeploy", "upgrade", "backup", "restore", "remove", "custom"}) {
    result.rung(tier).verdict = pass;
  }
  for (const auto& [tier, verdict] : rungs) result.rung(tier).verdict = verdict;
  return result;
}

TEST(VerdictTest, is_pass_if_all_passed_or_do_not_apply) {
  const Result result = result_of({{"backup", skip}, {"restore", skip}});
  EXPECT_EQ(verdict(result), pass);
  EXPECT_EQ(exit_status(result), 0);
  EXPECT_EQ(level(result), 5);
}

TEST(VerdictTest, a_red_rung_wins_over_one_that_could_not_be_shown) {
  EXPECT_EQ(verdict(result_of({{"upgrade", unverified}})), unverified);
  EXPECT_EQ(exit_status(result_of({{"upgrade", unverified}})), 4);
  EXPECT_EQ(verdict(result_of({{"upgrade", unverified}, {"backup", fail}})), fail);
  EXPECT_EQ(exit_status(result_of({{"backup", fail}})), 1);
}

TEST(VerdictTest, what_is_left_or_leaks_is_red) {
  Result left = result_of({});
  left.clean_teardown = false;
  EXPECT_EQ(verdict(left), fail);
  Result leak = result_of({});
  leak.no_secret_leak = false;
  EXPECT_EQ(exit_status(leak), 1);
}

TEST(VerdictTest, nobody_knows_what_is_left_in_an_engine_that_was_lost) {
  Result lost = result_of({{"upgrade", unverified}});
  lost.clean_teardown = false;
  lost.ending = Ending::failed;
  EXPECT_EQ(verdict(lost), unverified);
  EXPECT_EQ(exit_status(lost), 3);
}

TEST(VerdictTest, only_what_the_files_say_is_settled) {
  Result red = result_of({{"lint", fail}, {"upgrade", unverified}});
  EXPECT_FALSE(is_settled(red));
  red.rung("lint").of_files = true;
  EXPECT_TRUE(is_settled(red));
  // Something else may be flaky.
  Result both = red;
  both.rung("install").verdict = fail;
  EXPECT_FALSE(is_settled(both));
  Result left = red;
  left.clean_teardown = false;
  EXPECT_FALSE(is_settled(left));
  Result leak = red;
  leak.no_secret_leak = false;
  EXPECT_FALSE(is_settled(leak));
  Result late = red;
  late.ending = Ending::deadline;
  EXPECT_FALSE(is_settled(late));
  EXPECT_FALSE(is_settled(result_of({})));
  EXPECT_FALSE(is_settled(result_of({{"upgrade", unverified}})));
}

TEST(VerdictTest, a_tier_that_was_not_asked_for_ends_the_levels) {
  Result result = result_of({{"backup", skip}});
  result.rung("backup").reason = "no service has the label backupbot.backup=true";
  EXPECT_EQ(level(result), 5);
  result.rung("backup").reason = not_asked;
  EXPECT_EQ(level(result), 2);
  EXPECT_EQ(verdict(result), pass);
}

TEST(VerdictTest, a_run_that_did_not_end_by_itself_has_a_status_of_its_own) {
  Result result = result_of({{"install", fail}});
  result.ending = Ending::deadline;
  EXPECT_EQ(exit_status(result), 142);
  result.ending = Ending::stopped;
  EXPECT_EQ(exit_status(result), 143);
  result.ending = Ending::failed;
  EXPECT_EQ(exit_status(result), 3);
  Result good = result_of({});
  good.ending = Ending::stopped;
  EXPECT_EQ(verdict(good), unverified);
}

TEST(VerdictTest, the_level_is_the_step_below_the_first_that_is_not_good) {
  EXPECT_EQ(level(result_of({{"install", fail}})), 0);
  EXPECT_EQ(level(result_of({{"remove", fail}})), 0);
  EXPECT_EQ(level(result_of({{"upgrade", fail}})), 1);
  EXPECT_EQ(level(result_of({{"restore", unverified}})), 2);
  EXPECT_EQ(level(result_of({{"custom", fail}})), 3);
  EXPECT_EQ(level(result_of({{"lint", fail}})), 4);
}

TEST(VerdictTest, a_step_that_is_only_skipped_is_not_reached_by_itself) {
  EXPECT_EQ(level(result_of({{"custom", skip}, {"lint", fail}})), 3);
  EXPECT_EQ(level(result_of({{"upgrade", skip}})), 5);
}

}  // namespace
}  // namespace ccci::run
