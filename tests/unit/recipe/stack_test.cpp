// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/stack.hpp"

#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

TEST(Stack, FindsAServiceByItsKeyAndNotByItsName) {
  Stack stack;
  stack.services.resize(2);
  stack.services[1].key = "app";
  stack.services[1].name = "demo_app";
  ASSERT_NE(stack.find("app"), nullptr);
  EXPECT_EQ(stack.find("app")->name, "demo_app");
  EXPECT_EQ(stack.find("demo_app"), nullptr);
}

TEST(Stack, ComparesByValueDownToTheLastMember) {
  Stack one;
  one.services.resize(1);
  Stack other = one;
  EXPECT_EQ(one, other);
  other.services[0].deploy.update_config.emplace().order = Rollout::Order::start_first;
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace ccci::recipe
