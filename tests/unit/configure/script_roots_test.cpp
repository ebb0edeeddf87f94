// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/script_roots.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::configure {
namespace {

using environment::Operation;
using environment::Part;
using environment::Plan;
using test::part;
using testing::ElementsAre;
using testing::IsEmpty;

const Part shell = part("shell", {"etc/shells", "usr/bin/sh*"});
const Part tool = part("tool", {"usr/bin/tool*", "usr/share/tool/data"});

Plan plan_of(const std::vector<Part>& parts, const std::vector<environment::OwnFile>& own = {}) {
  auto plan = environment::plan_root(parts, {}, own);
  EXPECT_TRUE(plan.has_value());
  return plan ? std::move(*plan) : Plan{};
}

std::vector<std::string> below_usr(const std::vector<Operation>& operations) {
  std::vector<std::string> paths;
  for (const Operation& one : operations) {
    if (one.path.starts_with("usr/bin") || one.path.starts_with("usr/share/tool") ||
        one.path.starts_with("etc/sh")) {
      paths.push_back(one.path);
    }
  }
  return paths;
}

TEST(LayerOver, HasOnlyWhatTheBaseLacks) {
  const std::vector<Part> base{shell};
  const std::vector<Part> all{tool, shell};  // another index for the same object
  const auto layer = layer_over(plan_of(base), base, plan_of(all), all);
  ASSERT_TRUE(layer.has_value());
  EXPECT_THAT(below_usr(*layer),
              ElementsAre("usr/bin", "usr/bin/tool", "usr/share/tool", "usr/share/tool/data"));
}

TEST(LayerOver, OfTheSameRootIsEmpty) {
  const std::vector<Part> base{shell};
  const auto layer = layer_over(plan_of(base), base, plan_of(base), base);
  ASSERT_TRUE(layer.has_value());
  EXPECT_THAT(*layer, IsEmpty());
}

TEST(LayerOver, HasWhatIsOtherwise) {
  const std::vector<Part> base{shell};
  const Plan with = plan_of(base, {{.path = "etc/shrc", .content = "one\n"}});
  const Plan other = plan_of(base, {{.path = "etc/shrc", .content = "two\n"}});
  const auto layer = layer_over(with, base, other, base);
  ASSERT_TRUE(layer.has_value());
  EXPECT_THAT(below_usr(*layer), ElementsAre("etc/shrc"));
}

TEST(LayerOver, CannotHideAPathOfTheBase) {
  const std::vector<Part> base{shell};
  const Plan with = plan_of(base, {{.path = "etc/shrc", .content = "one\n"}});
  EXPECT_FALSE(layer_over(with, base, plan_of(base), base).has_value());
}

}  // namespace
}  // namespace ccci::configure
