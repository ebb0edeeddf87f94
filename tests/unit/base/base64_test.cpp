// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace ccci::base {
namespace {

TEST(Base64, IsWrittenWithPadding) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("a"), "YQ==");
  EXPECT_EQ(base64("ab"), "YWI=");
  EXPECT_EQ(base64("abc"), "YWJj");
  EXPECT_EQ(base64(std::string("\x00\xff\x10\x80", 4)), "AP8QgA==");
}

TEST(Base64, IsRead) {
  for (const std::string text : {"", "a", "ab", "abc", "\xff\x00\x7f"})
    EXPECT_EQ(from_base64(base64(text)), text);
  EXPECT_EQ(from_base64("a b"), "");
}

}  // namespace
}  // namespace ccci::base
