// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/confirmation.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::deploy {
namespace {

using std::chrono::milliseconds;

class ConfirmationTest : public ::testing::Test {
 protected:
  ConfirmationTest() : there_(Confirmation::of(layout_, token_).value()) {}
  Phase phase() const { return there_.look().value().phase; }

  test::Scratch scratch_;
  activate::Layout layout_{scratch_.path()};
  std::string token_ = Confirmation::new_token();
  Confirmation there_;
  static bool never() { return false; }
};

TEST_F(ConfirmationTest, TokensAreRandomAndNothingElseIsOne) {
  EXPECT_TRUE(Confirmation::is_token(token_));
  EXPECT_NE(token_, Confirmation::new_token());
  for (const std::string& bad :
       {std::string(), std::string("../../../../../../../../../../tmp"), token_.substr(1),
        token_ + "0", "/" + token_.substr(1), "G" + token_.substr(1)}) {
    EXPECT_EQ(Confirmation::of(layout_, bad).error().code, "deploy.token") << bad;
  }
}

TEST_F(ConfirmationTest, TheWayOfASwitchThatIsConfirmed) {
  EXPECT_EQ(phase(), Phase::none);
  const auto alive = there_.begin();
  ASSERT_TRUE(alive);
  EXPECT_EQ(phase(), Phase::switching);
  const auto given = there_.wait(
      milliseconds(10'000),
      [&](milliseconds) {
        EXPECT_EQ(phase(), Phase::waiting);
        EXPECT_TRUE(there_.confirm());
      },
      never);
  EXPECT_TRUE(given.value());
  Outcome outcome{"switched", 1, 2, std::nullopt};
  ASSERT_TRUE(there_.end(outcome));
  const SwitchState state = there_.look().value();
  EXPECT_EQ(state.phase, Phase::ended);
  EXPECT_EQ(state.outcome.word, "switched");
  EXPECT_EQ(state.outcome.after, 2U);
}

TEST_F(ConfirmationTest, WithoutOneItsTimeIsOver) {
  const auto alive = there_.begin();
  ASSERT_TRUE(alive);
  milliseconds waited{0};
  const auto given = there_.wait(
      milliseconds(500), [&](milliseconds time) { waited += time; }, never);
  EXPECT_FALSE(given.value());
  EXPECT_EQ(waited, milliseconds(500));
  const auto stopped = there_.wait(
      milliseconds(500), [](milliseconds) { FAIL(); }, [] { return true; });
  EXPECT_FALSE(stopped.value());
}

TEST_F(ConfirmationTest, OneThatIsKilledHasDied) {
  {
    const auto alive = there_.begin();
    ASSERT_TRUE(alive);
    EXPECT_EQ(phase(), Phase::switching);
  }
  EXPECT_EQ(phase(), Phase::died);
}

TEST_F(ConfirmationTest, OneThatEndedHasNotDied) {
  base::Error error =
      base::fail("activate.undone", base::Condition::reverted).with("back", "generation 1");
  error.also = {base::fail("activate.unconfirmed", base::Condition::unconfirmed)};
  {
    const auto alive = there_.begin();
    ASSERT_TRUE(alive);
    ASSERT_TRUE(there_.end({"rolled-back", 0, 0, error}));
  }
  const SwitchState state = there_.look().value();
  EXPECT_EQ(state.phase, Phase::ended);
  EXPECT_EQ(state.outcome.error, error);
  EXPECT_EQ(state_from(to_json(state)).value().outcome.error, error);
}

TEST_F(ConfirmationTest, ATokenServesOnce) {
  ASSERT_TRUE(there_.begin());
  EXPECT_EQ(there_.begin().error().code, "deploy.token");
}

TEST_F(ConfirmationTest, OldOnesAreForgottenUnlessTheyRun) {
  const auto place = layout_.at("/run/cc-ci/deploy");
  const auto past = std::filesystem::file_time_type::clock::now() - std::chrono::hours(25);
  const std::string ended = Confirmation::new_token();
  ASSERT_TRUE(Confirmation::of(layout_, ended).value().begin());
  const std::string running = Confirmation::new_token();
  const auto alive = Confirmation::of(layout_, running).value().begin();
  ASSERT_TRUE(alive);
  const std::string recent = Confirmation::new_token();
  ASSERT_TRUE(Confirmation::of(layout_, recent).value().begin());
  std::filesystem::create_directory(place / "other");
  for (const std::string& name : {ended, running, std::string("other")}) {
    std::filesystem::last_write_time(place / name, past);
  }
  ASSERT_TRUE(there_.begin());
  EXPECT_FALSE(std::filesystem::exists(place / ended));
  for (const std::string& name : {running, recent, token_, std::string("other")}) {
    EXPECT_TRUE(std::filesystem::exists(place / name)) << name;
  }
}

TEST_F(ConfirmationTest, NothingIsConfirmedBeforeItIsThere) {
  EXPECT_EQ(there_.confirm().error().code, "deploy.token");
}

TEST_F(ConfirmationTest, LookingWaitsForNewsAndNotWithoutEnd) {
  const auto alive = there_.begin();
  ASSERT_TRUE(alive);
  int looks = 0;
  const auto seen =
      there_.look_beyond({Phase::none, Phase::switching}, milliseconds(10'000), [&](milliseconds) {
        if (++looks == 3) {
          EXPECT_TRUE(there_.end({"current", 1, 1, {}}));
        }
      });
  EXPECT_EQ(seen.value().phase, Phase::ended);
  EXPECT_EQ(looks, 3);
  milliseconds waited{0};
  const auto same = there_.look_beyond({Phase::ended}, milliseconds(300),
                                       [&](milliseconds time) { waited += time; });
  EXPECT_EQ(same.value().phase, Phase::ended);
  EXPECT_EQ(waited, milliseconds(300));
}

TEST_F(ConfirmationTest, AStateOfAStrangerIsNone) {
  for (const char* text : {"[]", "{}", R"({"phase":"x","outcome":"","before":0,"after":0})",
                           R"({"phase":"ended","outcome":1,"before":0,"after":0})",
                           R"({"phase":"ended","outcome":"","before":-1,"after":0})"}) {
    EXPECT_EQ(state_from(base::Json::parse(text).value()).error().code, "deploy.message") << text;
  }
}

}  // namespace
}  // namespace ccci::deploy
