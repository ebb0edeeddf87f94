// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/version.hpp"

#include <gtest/gtest.h>

namespace ccci::engine {
namespace {

TEST(Version, is_the_newest_that_both_know) {
  EXPECT_EQ(negotiate("1.41", "1.12")->text(), "1.41");  // Docker 20.10
  EXPECT_EQ(negotiate("1.51", "1.24")->text(), "1.51");  // Docker 28
  EXPECT_EQ(negotiate("1.52", "1.44")->text(), "1.52");  // Docker 29
  EXPECT_EQ(negotiate("1.99", "1.44"), newest_api);      // a later one
  EXPECT_EQ(negotiate("1.41", "")->text(), "1.41");
}

TEST(Version, is_compared_by_number) { EXPECT_EQ(negotiate("1.100", "1.9"), newest_api); }

TEST(Version, has_limits) {
  for (const auto& [offered, least] :
       std::vector<std::pair<const char*, const char*>>{{"1.40", "1.12"},
                                                        {"1.60", "1.53"},
                                                        {"2.0", "2.0"},
                                                        {"", ""},
                                                        {"1.41x", "1.12"},
                                                        {"1.", "1.12"},
                                                        {"-1.41", "1.12"},
                                                        {"1.41", "x"}}) {
    const auto agreed = negotiate(offered, least);
    ASSERT_FALSE(agreed) << offered;
    EXPECT_EQ(agreed.error().code, "engine.version");
    EXPECT_EQ(agreed.error().field("offered"), offered);
  }
}

}  // namespace
}  // namespace ccci::engine
