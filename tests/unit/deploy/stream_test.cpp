// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/stream.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tests/unit/deploy/pipe.hpp"

namespace ccci::deploy {
namespace {

using std::chrono::milliseconds;
using test::Wire;

const std::string much(64U << 20U, 'x');

TEST(Stream, APeerThatFallsSilentIsTakenForGone) {
  const Wire wire;
  FdStream stream(wire.near(), wire.near(), {milliseconds(20), {}, false});
  char byte = 0;
  EXPECT_EQ(stream.read(&byte, 1).error().code, "deploy.quiet");
  // Nor does it wait without end for room.
  EXPECT_EQ(stream.write(much).error().code, "deploy.quiet");
}

TEST(Stream, WhatOnlyOneListensToIsNotTakenInByTheOther) {
  const Wire wire;
  ASSERT_EQ(::write(wire.far(), "x", 1), 1);
  FdStream stream(wire.near(), wire.near(), {milliseconds(20), {}, false});
  EXPECT_EQ(stream.write(much).error().code, "deploy.quiet");
  char byte = 0;
  ASSERT_EQ(read(wire.near(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(Stream, AnInterruptionEndsItsWaiting) {
  const Wire wire;
  int questions = 0;
  FdStream stream(wire.near(), wire.near(), {{}, [&] { return ++questions > 2; }, false});
  char byte = 0;
  EXPECT_EQ(stream.read(&byte, 1).error().code, "deploy.interrupted");
  EXPECT_EQ(questions, 3);
  EXPECT_EQ(stream.write(much).error().code, "deploy.interrupted");
}

// A link with hardly any room, over which the other side says now and then that it is there.
TEST(Stream, APeerThatSpeaksWhileThereIsNoRoomHasNotGone) {
  const Wire wire;
  constexpr milliseconds silence{1500};  // much more than a loaded machine holds a thread up
  constexpr int words = 12;
  std::thread far([&] {
    for (int i = 0; i < words; ++i) {
      pollfd none{-1, 0, 0};
      poll(&none, 1, static_cast<int>(silence.count()) / 8);
      EXPECT_EQ(::write(wire.far(), "word", 4), 4);
    }
    std::string block(1U << 20U, ' ');
    for (std::size_t left = much.size(); left > 0;) {
      const ssize_t count = read(wire.far(), block.data(), block.size());
      ASSERT_GT(count, 0);
      left -= static_cast<std::size_t>(count);
    }
  });
  FdStream stream(wire.near(), wire.near(), {silence, {}, true});
  const auto written = stream.write(much);
  EXPECT_TRUE(written);
  if (!written) shutdown(wire.near(), SHUT_RDWR);
  far.join();
  // Nothing of it is lost.
  std::string heard;
  std::array<char, 7> some{};
  while (heard.size() < 4 * words) {
    const auto count = stream.read(some.data(), some.size());
    ASSERT_TRUE(count && *count > 0);
    heard.append(some.data(), *count);
  }
  std::string expected;
  for (int i = 0; i < words; ++i) expected += "word";
  EXPECT_EQ(heard, expected);
}

TEST(Stream, AnEndThatCameWhileItWroteIsAnEndAfterwards) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  ASSERT_EQ(pipe(in.data()), 0);
  ASSERT_EQ(pipe(out.data()), 0);
  const base::Fd in_read(in[0]);
  const base::Fd out_read(out[0]);
  const base::Fd out_write(out[1]);
  ASSERT_EQ(::write(in[1], "last", 4), 4);
  close(in[1]);
  FdStream stream(in_read.get(), out_write.get(), {milliseconds(20), {}, true});
  EXPECT_EQ(stream.write(much).error().code, "deploy.quiet");
  std::array<char, 8> some{};
  EXPECT_EQ(stream.read(some.data(), some.size()).value(), 4U);
  EXPECT_EQ(stream.read(some.data(), some.size()).value(), 0U);
  EXPECT_EQ(stream.read(some.data(), some.size()).value(), 0U);
}

}  // namespace
}  // namespace ccci::deploy
