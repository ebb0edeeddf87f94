// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/frame.hpp"

#include <gtest/gtest.h>

#include "tests/unit/deploy/pipe.hpp"

namespace ccci::deploy {
namespace {

using test::frame;
using test::Recorded;

TEST(Frames, WhatIsSentIsReceivedAndCounted) {
  Recorded out("");
  Frames sender(out);
  ASSERT_TRUE(sender.greet());
  const std::string block(largest_data, '\xff');
  ASSERT_TRUE(sender.send(FrameKind::data, block));
  ASSERT_TRUE(sender.send(FrameKind::want, ""));
  EXPECT_EQ(sender.sent(), out.written().size());

  Recorded in(out.written());
  Frames receiver(in);
  ASSERT_TRUE(receiver.meet());
  auto first = receiver.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, FrameKind::data);
  EXPECT_EQ(first->content, block);
  auto second = receiver.receive();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, FrameKind::want);
  EXPECT_EQ(second->content, "");
  EXPECT_EQ(receiver.received(), sender.sent());
  EXPECT_EQ(receiver.receive().error().code, "deploy.ended");
}

TEST(Frames, SomethingElseThanCcCiIsQuoted) {
  Recorded in("Welcome to ci-1!\nLast login: today\n");
  EXPECT_EQ(Frames(in).meet().error(),
            base::fail("deploy.not-cc-ci").with("found", "Welcome to ci-1!"));
  Recorded endless(std::string(100'000, 'x'));
  const auto met = Frames(endless).meet();
  ASSERT_FALSE(met);
  EXPECT_EQ(met.error().code, "deploy.not-cc-ci");
  EXPECT_LE(met.error().field("found").size(), 300U);
  EXPECT_GT(endless.left(), 99'000U);
  Recorded nothing("");
  EXPECT_EQ(Frames(nothing).meet().error().code, "deploy.ended");
}

TEST(Frames, AnotherVersionIsNamed) {
  Recorded in("cc-ci-deploy 2\n");
  EXPECT_EQ(Frames(in).meet().error(),
            base::fail("deploy.protocol").with("ours", 1).with("theirs", "2"));
}

TEST(Frames, NothingIsReadOfAFrameThatIsTooLarge) {
  for (const char kind : {'h', 'r', 'm', 'w', 'b', 'd', 'a', 'p', 'z', 'e'}) {
    const std::size_t most = largest(static_cast<FrameKind>(kind)).value();
    Recorded in(frame(kind, std::string(100, 'x'), most + 1));
    EXPECT_EQ(Frames(in).receive().error().code, "deploy.frame") << kind;
    EXPECT_EQ(in.left(), 100U) << kind;
    Recorded full(frame(kind, std::string(most, 'x')));
    EXPECT_TRUE(Frames(full).receive()) << kind;
  }
  Recorded huge(frame('m', "", 0xffffffffU));
  EXPECT_EQ(Frames(huge).receive().error().code, "deploy.frame");
}

TEST(Frames, UnknownKindsAndHalfFramesAreRefused) {
  Recorded unknown(frame('\x1b', "x"));
  const auto refused = Frames(unknown).receive();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "deploy.frame");
  EXPECT_EQ(refused.error().field("found").find('\x1b'), std::string_view::npos);
  const std::string whole = frame('w', std::string(65, 'x'));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Recorded half(whole.substr(0, length));
    EXPECT_EQ(Frames(half).receive().error().code, "deploy.ended") << length;
  }
}

}  // namespace
}  // namespace ccci::deploy
