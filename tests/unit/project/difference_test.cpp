// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/difference.hpp"

#include <gtest/gtest.h>

namespace ccci::project {
namespace {

Side side(const std::string& digest, const std::map<std::string, std::string>& variables) {
  Side one{.name = digest, .lock = std::nullopt, .environment = std::nullopt};
  one.environment.emplace();
  one.environment->digest = digest;
  one.environment->variables = variables;
  one.contents.emplace();
  return one;
}

TEST(DifferenceTest, variables_that_a_job_gets_are_compared) {
  const Difference found = difference(side("a", {{"GONE", "1"}, {"MODE", "old"}, {"SAME", "1"}}),
                                      side("b", {{"MODE", "new"}, {"NEW", ""}, {"SAME", "1"}}));
  ASSERT_EQ(found.variables.size(), 3U);
  EXPECT_EQ(found.variables[0].name, "GONE");
  EXPECT_EQ(found.variables[0].after, std::nullopt);
  EXPECT_EQ(found.variables[1].before, "old");
  EXPECT_EQ(found.variables[1].after, "new");
  EXPECT_EQ(found.variables[2].before, std::nullopt);
  EXPECT_EQ(found.variables[2].after, "");
  EXPECT_FALSE(found.otherwise);
  EXPECT_FALSE(found.empty());
}

TEST(DifferenceTest, environments_with_other_digests_are_never_said_to_be_equal) {
  EXPECT_TRUE(difference(side("a", {}), side("b", {})).otherwise);
  EXPECT_FALSE(difference(side("a", {}), side("b", {})).empty());
  EXPECT_TRUE(difference(side("a", {}), side("a", {})).empty());
  // One that is only planned has no digest yet.
  EXPECT_TRUE(difference(side("", {}), side("a", {})).empty());
}

}  // namespace
}  // namespace ccci::project
