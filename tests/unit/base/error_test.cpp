// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace ccci::base {
namespace {

TEST(Error, KeepsItsCodeAndFieldsWhenAFieldIsAddedLater) {
  Error error = fail("area.word").with("a", "1");
  error = std::move(error).with("b", 2).with_errno(ENOSPC);
  EXPECT_EQ(error.code, "area.word");
  EXPECT_EQ(error.field("a"), "1");
  EXPECT_EQ(error.field("b"), "2");
  EXPECT_EQ(error.field("cause"), "no space left on device");
  EXPECT_EQ(error.field("none"), "");
}

TEST(Error, KeepsItsConditionWhichIsNoPartOfItsEquality) {
  const Error full = fail("a.full", Condition::no_space).with("path", "/x");
  EXPECT_TRUE(full.is(Condition::no_space));
  EXPECT_FALSE(full.is(Condition::not_found));
  EXPECT_FALSE(fail("a.full").is(Condition::no_space));
  EXPECT_EQ(full, fail("a.full").with("path", "/x"));
}

TEST(Error, TogetherKeepsOrderAndFlattens) {
  Error inner = together({fail("b.b"), fail("c.c")});
  const Error all = together({fail("a.a"), std::move(inner), fail("d.d")});
  ASSERT_EQ(all.also.size(), 3U);
  EXPECT_EQ(all.code, "a.a");
  EXPECT_EQ(all.also[0].code, "b.b");
  EXPECT_EQ(all.also[1].code, "c.c");
  EXPECT_EQ(all.also[2].code, "d.d");
  EXPECT_TRUE(all.also[0].also.empty());
}

}  // namespace
}  // namespace ccci::base
