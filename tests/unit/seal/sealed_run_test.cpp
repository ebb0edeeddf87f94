// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/sealed_run.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/child.hpp"
#include "base/files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::seal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// The machine's own /usr is the root's, so that there is a shell.
class SealedRunTest : public testing::Test {
 protected:
  SealedRunTest() {
    for (const char* name : {"upper", "work", "mnt", "lower"}) fs::create_directory(at(name));
    for (const char* name : {"proc", "dev", "run", "tmp", "etc", "usr/bin"}) {
      fs::create_directories(at("lower") / name);
    }
    for (const char* name : {"bin", "lib", "lib64"}) {
      fs::create_symlink(std::string("usr/") + name, at("lower") / name);
    }
    for (const char* program :
         {"sh", "id", "sleep", "cat", "chown", "date", "ls", "env", "mount", "mkdir"}) {
      copy(fs::path("/usr/bin") / program);
    }
    for (const char* library : {"libc.so.6", "libselinux.so.1", "libpcre2-8.so.0", "libmount.so.1",
                                "libblkid.so.1", "libcap.so.2"}) {
      copy(fs::path("/usr/lib/x86_64-linux-gnu") / library);
    }
    copy("/usr/lib64/ld-linux-x86-64.so.2");
    fs::create_directories(at("lower/usr/lib/cc-ci"));
    EXPECT_TRUE(base::replace_file(at("lower") / script_library_path, script_library()));
  }

  fs::path at(const std::string& name) const { return scratch_.path() / name; }

  void copy(const fs::path& file) {
    const fs::path to = at("lower") / file.relative_path();
    fs::create_directories(to.parent_path());
    std::error_code absent;
    fs::copy_file(fs::canonical(file, absent), to, absent);
  }

  SealedOutcome run(const std::string& script, std::chrono::seconds limit = {},
                    std::chrono::seconds busy_limit = {}) {
    const auto directory = base::open_path(scratch_.path(), O_RDONLY | O_DIRECTORY);
    EXPECT_TRUE(directory);
    SealedRun sealed;
    sealed.directory = directory->get();
    sealed.path = scratch_.path().native();
    sealed.commands = {{"/bin/sh", "-c", script}};
    sealed.variables = {"PATH=/usr/bin", "CC_CI_CLOCK=1700000000", "TZ=UTC0",
                        std::string("LD_PRELOAD=/") + script_library_path};
    if (limit.count() > 0) sealed.time_limit = limit;
    sealed.busy_limit = busy_limit;
    auto outcome = run_sealed(sealed);
    EXPECT_TRUE(outcome) << outcome.error().field("step") << outcome.error().field("cause");
    return outcome ? std::move(*outcome) : SealedOutcome{};
  }

  test::Scratch scratch_;
};

TEST_F(SealedRunTest, SeesNothingOfTheHostAndWritesOnlyIntoUpper) {
  const SealedOutcome outcome = run("ls /; echo made > /etc/made; cat /etc/passwd");
  EXPECT_THAT(outcome.output, HasSubstr("No such file"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("home")));
  EXPECT_TRUE(fs::exists(at("upper/etc/made")));
  EXPECT_FALSE(fs::exists(at("lower/etc/made")));
}

TEST_F(SealedRunTest, TheClockStandsStill) {
  EXPECT_EQ(run("date +%s; date +%Y").output, "1700000000\n2023\n");
}

TEST_F(SealedRunTest, DirectoriesAreReadInTheOrderOfTheirNames) {
  std::string expected;
  for (int i = 1000; i < 2000; ++i) expected += "f" + std::to_string(i) + "\n";
  EXPECT_EQ(run("cd /etc && mkdir many && cd many && i=1999 && while [ $i -gt 999 ]; do : > f$i; "
                "i=$((i - 1)); done; ls -U")
                .output,
            expected);
  EXPECT_THAT(run("ls -U /etc/none").output, HasSubstr("No such file"));
}

TEST_F(SealedRunTest, HasItsOwnLoopback) {
  EXPECT_THAT(run("cat /proc/net/if_inet6 /proc/net/dev").output, HasSubstr("lo"));
  EXPECT_THAT(run("cat /proc/net/if_inet6").output, HasSubstr("00000000000000000000000000000001"));
}

TEST_F(SealedRunTest, OwnersDoNotMatter) {
  EXPECT_EQ(run("echo x > /etc/f && chown 33:33 /etc/f && echo good; id -u").output, "good\n0\n");
}

TEST_F(SealedRunTest, HasNoNetwork) {
  EXPECT_THAT(run("cat /proc/net/dev").output, Not(HasSubstr("eth")));
}

TEST_F(SealedRunTest, MountsNothing) {
  EXPECT_THAT(run("mount -t tmpfs x /tmp && echo mounted").output, Not(HasSubstr("mounted")));
}

TEST_F(SealedRunTest, InheritsNoDescriptor) {
  const base::Fd secret(open("/etc/hostname", O_RDONLY));  // without close-on-exec
  EXPECT_THAT(run("ls /proc/self/fd").output, testing::MatchesRegex("0\n1\n2\n3\n"));
}

TEST_F(SealedRunTest, EndsAtTheLimitWithAllItStarted) {
  const SealedOutcome outcome =
      run("(while :; do :; done) & while :; do :; done", std::chrono::seconds(1));
  EXPECT_TRUE(outcome.timed_out);
}

// A machine with much other work must not give another result.
TEST_F(SealedRunTest, BusyTimeDoesNotCount) {
  const std::string some_seconds =
      "i=0; while [ $i -lt 5 ]; do i=$((i+1)); n=0; "
      "while [ $n -lt 600000 ]; do n=$((n+1)); done; echo; done; echo ended";
  const SealedOutcome outcome =
      run(some_seconds, std::chrono::seconds(1), std::chrono::minutes(10));
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_THAT(outcome.output, HasSubstr("ended"));
}

TEST_F(SealedRunTest, WaitingCountsAlsoWhereBusyTimeDoesNot) {
  const SealedOutcome outcome =
      run("sleep 1000 & wait", std::chrono::seconds(2), std::chrono::minutes(10));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_FALSE(outcome.was_busy);
}

TEST_F(SealedRunTest, EndsAtTheLimitOfAllTime) {
  const SealedOutcome outcome = run("(while :; do :; done) & while :; do :; done",
                                    std::chrono::seconds(1), std::chrono::seconds(3));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_TRUE(outcome.was_busy);
}

// Otherwise the run of another thread would wait for the end of this one.
TEST_F(SealedRunTest, HoldsNoPipeOfAnotherThread) {
  base::Pipe other = base::make_pipe();
  std::atomic<bool> ended = false;
  std::thread sealed([&] {
    run("echo > /etc/started; while :; do :; done", std::chrono::seconds(5));
    ended = true;
  });
  while (!fs::exists(at("upper/etc/started")) && !ended) std::this_thread::yield();
  other.write.reset();
  char byte = 0;
  EXPECT_EQ(read(other.read.get(), &byte, 1), 0);
  EXPECT_FALSE(ended);
  sealed.join();
}

TEST_F(SealedRunTest, ALongOutputKeepsItsEnd) {
  const SealedOutcome outcome =
      run("i=0; while [ $i -lt 60000 ]; do echo line $i of the output; i=$((i+1)); done; echo END");
  EXPECT_THAT(outcome.output, testing::EndsWith("END\n"));
  EXPECT_LE(outcome.output.size(), 600000U);
}

}  // namespace
}  // namespace ccci::seal
