// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/threads.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "base/process.hpp"
#include "base/text.hpp"

namespace ccci::base {
namespace {

int work_all() {
  std::atomic<int> next{0};
  std::atomic<int> done{0};
  on_threads(8, [&] {
    while (next++ < 100) ++done;
  });
  return done;
}

TEST(Threads, ShareTheWork) { EXPECT_EQ(work_all(), 100); }

TEST(Threads, AreFewerIfTheSystemAllowsNoMore) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit one{1, 1};
    setrlimit(RLIMIT_NPROC, &one);
    // Root has no limit.
    if (geteuid() == 0 && (setgid(54321) != 0 || setuid(54321) != 0)) _exit(2);
    if (start_thread([] {})) _exit(3);
    _exit(work_all() == 100 ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Printable, JsonKeepsItsMeaning) {
  EXPECT_EQ(printable_json("{\n  \"a\": \"\xc2\x9b\xc3\xa4\x7f\"\n}"),
            "{\n  \"a\": \"\\u009b\xc3\xa4\\u007f\"\n}");
  EXPECT_EQ(printable_lines("a\tb\x1b[2J\nc\n"), "a\tb\\x1b[2J\nc\n");
}

}  // namespace
}  // namespace ccci::base
