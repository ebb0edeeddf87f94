// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/man.hpp"

#include <gtest/gtest.h>

#include "tests/unit/command/sample_commands.hpp"

namespace ccci::command {
namespace {

TEST(ManPage, LetsNoTextActAsARequest) {
  EXPECT_EQ(roff(".so /etc/passwd\n'x \\fB-"), "\\&.so /etc/passwd\n\\&\\(aqx \\efB\\-");
}

TEST(ManPage, ThereIsOnePerCommandThatIsShown) {
  const auto pages = man_pages(sample_commands());
  // cc-ci.1, and none for the hidden one
  ASSERT_EQ(pages.size(), sample_commands().size());
  EXPECT_EQ(pages[0].file, "cc-ci.1");
  EXPECT_EQ(pages[5].file, "cc-ci-store-verify.1");
  EXPECT_NE(pages[0].text.find(".BR cc\\-ci\\-store\\-verify (1)"), std::string::npos);
  EXPECT_EQ(pages[0].text.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace ccci::command
