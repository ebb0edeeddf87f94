// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/date.hpp"

#include <gtest/gtest.h>

namespace ccci::base {
namespace {

TEST(DateTest, text_and_time_are_the_same) {
  const auto time = from_rfc3339("2026-02-28T23:59:59Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(rfc3339(*time), "2026-02-28T23:59:59Z");
  EXPECT_EQ(time->time_since_epoch(), std::chrono::seconds(1772323199));
}

TEST(DateTest, other_texts_are_no_time) {
  for (const char* text :
       {"", "2026-02-28", "2026-02-28T23:59:59", "2026-02-28T23:59:59Zx", "soon"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

}  // namespace
}  // namespace ccci::base
