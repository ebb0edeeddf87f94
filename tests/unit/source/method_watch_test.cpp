// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/method_watch.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>

#include "tests/support/scratch.hpp"

namespace ccci::source::debian {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class MethodWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(methods());
    fs::create_directory(scratch_.path() / "elsewhere");
  }

  fs::path methods() const { return scratch_.path() / "methods"; }

  // A program in `directory` that waits for longer than any test.
  pid_t start(const fs::path& directory) {
    const fs::path program = directory / "sleep";
    fs::copy_file("/bin/sleep", program);
    std::string name = program.native();
    std::string time = "1000";
    char* argv[] = {name.data(), time.data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(posix_spawn(&child, name.c_str(), nullptr, nullptr, argv, environ), 0);
    return child;
  }

  static bool runs(pid_t child) { return waitpid(child, nullptr, WNOHANG) == 0; }

  test::Scratch scratch_;
};

TEST_F(MethodWatchTest, ends_a_silent_method_and_no_other_child) {
  const pid_t method = start(methods());
  const pid_t other = start(scratch_.path() / "elsewhere");
  {
    const MethodWatch watch(methods(), 50ms);
    int status = 0;
    ASSERT_EQ(waitpid(method, &status, 0), method);
    EXPECT_TRUE(WIFSIGNALED(status));
  }
  EXPECT_TRUE(runs(other));
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

TEST_F(MethodWatchTest, leaves_a_method_alone_while_libapt_goes_on) {
  const pid_t method = start(methods());
  {
    MethodWatch watch(methods(), 1s);
    for (int i = 0; i < 15; ++i) {
      watch.beat();
      std::this_thread::sleep_for(100ms);
    }
  }
  EXPECT_TRUE(runs(method));
  kill(method, SIGKILL);
  waitpid(method, nullptr, 0);
}

}  // namespace
}  // namespace ccci::source::debian
