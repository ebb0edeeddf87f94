// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/seen.hpp"

#include <gtest/gtest.h>

using namespace std::string_view_literals;

namespace ccci::witness {
namespace {

constexpr auto outside = "outside.environment=\0outside.PATH=/usr/bin\0"sv;
constexpr auto inside = "inside.environment=abc\0inside.marker=abc\0inside.PATH=/x\0"sv;

TEST(Seen, ReadsWhatTheProbeWrites) {
  const auto seen =
      read_answer("status=3\0"sv, "outside.PATH=/usr/bin\0outside.command.git=/usr/bin/git\0"sv,
                  "inside.environment=abc\0inside.command.git=/p/git\0inside.version.git=git 2\0"
                  "inside.variable.LINES=a\nb=c\0"sv);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 3);
  EXPECT_EQ(seen->outside.commands.at("git"), "/usr/bin/git");
  EXPECT_EQ(seen->inside.environment, "abc");
  EXPECT_EQ(seen->inside.versions.at("git"), "git 2");
  EXPECT_EQ(seen->inside.variables.at("LINES"), "a\nb=c");
}

TEST(Seen, RefusesWhatTheProbeDoesNotWrite) {
  EXPECT_FALSE(read_answer(""sv, outside, inside)) << "no status";
  EXPECT_FALSE(read_answer("status=0"sv, outside, inside)) << "cut off";
  EXPECT_FALSE(read_answer("status=zero\0"sv, outside, inside));
  EXPECT_FALSE(read_answer("status=0\0"sv, inside, inside)) << "records of another file";
  EXPECT_FALSE(read_answer("status=0\0"sv, outside, "inside.command.=x\0"sv)) << "no name";
  EXPECT_FALSE(
      read_answer("status=0\0"sv, outside, "inside.command.git=/a\0inside.command.git=/b\0"sv))
      << "twice";
  const auto refused = read_answer("status=0\0"sv, outside, "inside.colour=red\0"sv);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "witness.answer");
  EXPECT_EQ(refused.error().field("file"), "inside");
  EXPECT_EQ(refused.error().field("record"), "inside.colour=red");
}

}  // namespace
}  // namespace ccci::witness
