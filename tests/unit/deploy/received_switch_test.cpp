// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/received_switch.hpp"

#include <gtest/gtest.h>

namespace ccci::deploy {
namespace {

using base::Condition;

TEST(OutcomeOf, ASwitchWithoutChangesIsCurrent) {
  activate::Switched switched;
  EXPECT_EQ(outcome_of(switched).word, "current");
  switched.before.number = 3;
  switched.after.number = 4;
  switched.plan.operations.emplace_back();
  const Outcome outcome = outcome_of(switched);
  EXPECT_EQ(outcome.word, "switched");
  EXPECT_EQ(outcome.before, 3U);
  EXPECT_EQ(outcome.after, 4U);
}

TEST(OutcomeOf, AnUnhealthyGenerationIsRolledBackOnlyIfAnotherIsActiveAgain) {
  const base::Error left = base::fail("activate.unhealthy", Condition::unhealthy);
  EXPECT_EQ(outcome_of(base::unexpected(left)).word, "failed");
  base::Error restored = left;
  restored.fields.push_back({"back", "generation 3"});
  EXPECT_EQ(outcome_of(base::unexpected(restored)).word, "rolled-back");
}

TEST(OutcomeOf, AMissingConfirmationIsTheReasonAndNotTheUndoing) {
  base::Error undone = base::fail("activate.undone", Condition::reverted);
  undone.also = {base::fail("activate.unconfirmed", Condition::unconfirmed)};
  const Outcome outcome = outcome_of(base::unexpected(undone));
  EXPECT_EQ(outcome.word, "rolled-back");
  EXPECT_EQ(outcome.error->code, "activate.unconfirmed");

  base::Error failed = base::fail("activate.undone", Condition::reverted);
  failed.also = {base::fail("base.write")};
  EXPECT_EQ(outcome_of(base::unexpected(failed)).error->code, "activate.undone");
}

}  // namespace
}  // namespace ccci::deploy
