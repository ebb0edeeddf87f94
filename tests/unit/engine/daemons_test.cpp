// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/daemons.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

namespace fs = std::filesystem;

// Processes with the names of an engine's: a shell that starts another one.
class DaemonsTest : public testing::Test {
 protected:
  DaemonsTest() {
    for (const char* name : {"dockerd", "containerd"}) fs::copy_file("/bin/sh", scratch / name);
    // Nobody writes to it, so a shell that opens it stays what it is.
    EXPECT_EQ(mkfifo((scratch / "never").c_str(), 0600), 0);
    engine = fork();
    if (engine == 0) {
      setpgid(0, 0);
      const std::string line = (scratch / "containerd").native() + " -c 'echo $$ >" +
                               (scratch / "new").native() + "; mv " + (scratch / "new").native() +
                               " " + (scratch / "number").native() + "; read -r x <" +
                               (scratch / "never").native() + "' & wait; sleep 60";
      const std::string program = (scratch / "dockerd").native();
      execl(program.c_str(), "dockerd", "-c", line.c_str(), nullptr);
      _exit(127);
    }
  }
  ~DaemonsTest() override {
    if (engine > 0) kill(-engine, SIGKILL);
    while (waitpid(engine, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pid_t runner() const {
    for (int i = 0; i < 2000 && !fs::exists(scratch / "number"); ++i) pause_for_a_moment();
    const std::string text = test::read_text(scratch / "number");
    return text.empty() ? 0 : std::stoi(text);
  }
  static void pause_for_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }
  // Signals arrive a moment later.
  static std::string lost(const Daemons& daemons) {
    for (int i = 0; i < 2000; ++i) {
      const auto checked = daemons.check();
      if (!checked) {
        EXPECT_EQ(checked.error().code, "engine.lost");
        return std::string(checked.error().field("daemon")) + " " +
               std::string(checked.error().field("what"));
      }
      pause_for_a_moment();
    }
    return "nothing";
  }

  test::Scratch scratch;
  pid_t engine = 0;
};

TEST_F(DaemonsTest, are_well_while_they_live) {
  ASSERT_GT(runner(), 0);
  EXPECT_TRUE(Daemons::of(engine).check());
  EXPECT_TRUE(Daemons().check());
}

TEST_F(DaemonsTest, of_containerd_are_found_through_whoever_started_the_engine) {
  ASSERT_GT(runner(), 0);
  const Daemons daemons = Daemons::of(getpid());
  ASSERT_TRUE(daemons.check());
  ASSERT_EQ(kill(runner(), SIGKILL), 0);
  EXPECT_EQ(lost(daemons), "containerd has ended");
}

TEST_F(DaemonsTest, that_are_stopped_do_not_answer) {
  ASSERT_GT(runner(), 0);
  const Daemons daemons = Daemons::of(engine);
  ASSERT_EQ(kill(runner(), SIGSTOP), 0);
  EXPECT_EQ(lost(daemons), "containerd is stopped");
}

TEST_F(DaemonsTest, of_an_engine_that_ended_are_lost) {
  ASSERT_GT(runner(), 0);
  const Daemons daemons = Daemons::of(engine);
  ASSERT_EQ(kill(engine, SIGKILL), 0);
  EXPECT_EQ(lost(daemons), "dockerd has ended");
}

base::Fd listening_on(const std::string& path) {
  base::Fd made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  if (bind(made.get(), raw, sizeof address) != 0 || listen(made.get(), 100) != 0) return base::Fd();
  return made;
}

// With what the process has started.
void end(pid_t process) {
  kill(-process, SIGKILL);
  waitpid(process, nullptr, 0);
}

// A service manager starts both, and an argument of the engine says where the other one is.
TEST(DaemonsOfAHost, are_found_by_the_socket_of_containerd) {
  const test::Scratch scratch;
  const std::string path = (scratch / "containerd.sock").native();
  fs::copy_file("/bin/sh", scratch / "dockerd");
  const std::string program = (scratch / "dockerd").native();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--containerd", path}, {"--debug", "--containerd=" + path}}) {
    fs::remove(path);
    const pid_t runner = fork();
    if (runner == 0) {
      setpgid(0, 0);
      prctl(PR_SET_NAME, "containerd");
      const base::Fd made = listening_on(path);
      for (;;) pause();
    }
    const pid_t engine = fork();
    if (engine == 0) {
      setpgid(0, 0);
      execl(program.c_str(), "dockerd", "-c", "sleep 60; true", "dockerd", words[0].c_str(),
            words[1].c_str(), nullptr);
      _exit(127);
    }
    // In this order: nobody accepts what waits on the socket.
    const auto made = [&] {
      return test::read_text("/proc/" + std::to_string(engine) + "/cmdline").find(path) !=
                 std::string::npos &&
             fs::exists(path) && owner_of(path).value_or(0) == runner;
    };
    for (int i = 0; i < 2000 && !made(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const Daemons daemons = Daemons::of(engine);
    EXPECT_TRUE(daemons.check());
    end(runner);
    const auto checked = daemons.check();
    EXPECT_EQ(checked ? "none" : std::string(checked.error().field("daemon")), "containerd");
    end(engine);
  }
}

TEST(DaemonsOfASocket, belong_to_whoever_made_it) {
  const test::Scratch scratch;
  const std::string path = (scratch / "socket").native();
  EXPECT_EQ(owner_of(path).error().code, "engine.no-engine");
  const base::Fd made = listening_on(path);
  ASSERT_TRUE(made);
  EXPECT_EQ(owner_of(path).value(), getpid());
  EXPECT_EQ(owner_of(std::string(200, 'x')).error().code, "engine.no-engine");
}

}  // namespace
}  // namespace ccci::engine
