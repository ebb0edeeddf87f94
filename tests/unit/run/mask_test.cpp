// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/mask.hpp"

#include <gmock/gmock.h>

#include "base/base64.hpp"

namespace ccci::run {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MaskTest, hides_the_value_wherever_it_is) {
  Mask mask;
  mask.add("s3cret/value");
  EXPECT_EQ(mask.masked("a s3cret/value b s3cret/value"), "a *** b ***");
  EXPECT_EQ(mask.masked("s3cret/valu"), "s3cret/valu");
  EXPECT_TRUE(mask.finds("x s3cret/value"));
  EXPECT_FALSE(mask.finds("x"));
}

TEST(MaskTest, hides_it_broken_over_lines) {
  Mask mask;
  mask.add("abcdefghij");
  EXPECT_EQ(mask.masked("x abcde\n    fghij y"), "x *** y");
  EXPECT_EQ(mask.masked("x abcde\r\nfghij y"), "x *** y");
  EXPECT_EQ(mask.masked("x abcde fghij y"), "x abcde fghij y");
}

TEST(MaskTest, hides_it_in_base64_at_every_position) {
  const std::string secret = "correct-horse-battery";
  Mask mask;
  mask.add(secret);
  for (const char* before : {"", "x", "xy", "xyz", "user:"}) {
    for (const char* after : {"", "1", "12"}) {
      const std::string coded = base::base64(before + secret + after);
      EXPECT_THAT(mask.masked("Authorization: Basic " + coded), HasSubstr("***")) << coded;
    }
  }
}

TEST(MaskTest, hides_it_in_urls_and_json) {
  Mask mask;
  mask.add("a\"b c/d\xC3\xA9");
  EXPECT_EQ(mask.masked("?p=a%22b%20c%2Fd%C3%A9&q"), "?p=***&q");
  EXPECT_EQ(mask.masked("?p=a%22b%20c%2fd%c3%a9&q"), "?p=***&q");
  EXPECT_EQ(mask.masked("{\"p\": \"a\\\"b c/d\xC3\xA9\"}"), "{\"p\": \"***\"}");
}

TEST(MaskTest, leaves_what_is_too_short_to_be_told_from_other_text) {
  Mask mask;
  mask.add("abc");
  mask.add("");
  EXPECT_TRUE(mask.empty());
  EXPECT_EQ(mask.masked("abc"), "abc");
}

TEST(MaskTest, prefers_the_longer_of_two) {
  Mask mask;
  mask.add("secret");
  mask.add("secret-and-more");
  EXPECT_EQ(mask.masked("secret-and-more"), "***");
}

}  // namespace
}  // namespace ccci::run
