// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "base/fd.hpp"
#include "base/files.hpp"

namespace ccci::report {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read = base::Fd(ends[0]);
    write = base::Fd(ends[1]);
  }
  base::Fd read;
  base::Fd write;
};

TEST(Output, WritesAllOfItInOrder) {
  Pipe pipe;
  std::string expected;
  std::thread writer([&] {
    Output out(pipe.write.get(), "pipe");
    for (int i = 0; i < 50'000; ++i) out.line(std::to_string(i));
    EXPECT_TRUE(out.flush());
    pipe.write.reset();
  });
  for (int i = 0; i < 50'000; ++i) expected += std::to_string(i) + "\n";
  const auto got = base::read_fd(pipe.read.get(), 10'000'000, "pipe");
  writer.join();
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, expected);
}

TEST(Output, GoesOnWhereTheOtherEndIsSlowAndNonBlocking) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK), 0);
  const std::string much(1 << 20, 'x');
  std::thread writer([&] {
    Output out(pipe.write.get(), "pipe");
    out.write(Document(much));
    EXPECT_TRUE(out.flush());
    pipe.write.reset();
  });
  const auto got = base::read_fd(pipe.read.get(), 10'000'000, "pipe");
  writer.join();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->size(), much.size());
}

TEST(Output, TellsThatTheDiskIsFull) {
  const base::Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  Output out(full.get(), "standard output");
  out.line("x");
  const auto flushed = out.flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, "base.write");
  EXPECT_EQ(flushed.error().field("path"), "standard output");
  EXPECT_EQ(flushed.error().field("cause"), "no space left on device");
}

TEST(Output, TakesAReaderThatWentAwayForNoError) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.read.reset();
  Output out(pipe.write.get(), "pipe");
  out.line("x");
  EXPECT_TRUE(out.flush());
  EXPECT_TRUE(out.reader_gone());
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace ccci::report
