// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "base/child.hpp"
#include "base/files.hpp"

extern char** environ;

namespace ccci::base {

namespace {

using Clock = std::chrono::steady_clock;

Result<Pipe> new_pipe() {
  Pipe pipe = make_pipe();
  if (!pipe) return unexpected(fail("base.exec").with_errno(errno));
  return pipe;
}

class SpawnActions {
 public:
  SpawnActions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    // A process group of its own, so that the time limit can kill grandchildren too. Default signal
    // handlers, because the child would inherit an ignored SIGPIPE.
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  posix_spawn_file_actions_t* files() { return &actions_; }
  posix_spawnattr_t* attributes(bool own_group) {
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (own_group) flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes_, flags);
    return &attributes_;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Reads the available bytes. False at the end of the stream.
bool drain(int fd, std::string& into, std::uint64_t limit, bool& truncated) {
  std::array<char, 65536> buffer;
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  const auto room = static_cast<std::size_t>(limit > into.size() ? limit - into.size() : 0);
  const auto keep = std::min(room, static_cast<std::size_t>(count));
  into.append(buffer.data(), keep);
  if (keep < static_cast<std::size_t>(count)) truncated = true;
  return true;
}

int milliseconds_left(const std::optional<Clock::time_point>& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now());
  return left.count() < 0 ? 0 : static_cast<int>(std::min<long long>(left.count() + 1, 1 << 30));
}

void collect(pid_t child, Fd& out, Fd& err, const Command& command, Outcome& outcome,
             const std::optional<Clock::time_point>& deadline) {
  while (out || err) {
    std::array<pollfd, 2> watched{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    const int ready = poll(watched.data(), watched.size(), milliseconds_left(deadline));
    if (ready == 0) {
      outcome.timed_out = true;
      kill(-child, SIGKILL);
      return;  // a grandchild that left the group may keep the pipes open for ever
    }
    if (ready < 0) continue;
    if (watched[0].revents != 0 &&
        !drain(out.get(), outcome.out, command.output_limit, outcome.truncated))
      out.reset();
    if (watched[1].revents != 0 &&
        !drain(err.get(), outcome.err, command.output_limit, outcome.truncated))
      err.reset();
  }
}

int reap(pid_t child, Outcome& outcome, const std::optional<Clock::time_point>& deadline) {
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(child, &status, deadline && !outcome.timed_out ? WNOHANG : 0);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return 255;
    if (ended == 0) {
      if (milliseconds_left(deadline) == 0) {
        outcome.timed_out = true;
        kill(-child, SIGKILL);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    }
  }
  return exit_status(status);
}

// The input as a file in memory: a pipe would need a thread that fills it.
Result<Fd> input_of(const std::string& input) {
  const auto failed = [] { return unexpected(fail("base.exec").with_errno(errno)); };
  Fd file(input.empty() ? open("/dev/null", O_RDONLY | O_CLOEXEC)
                        : memfd_create("cc-ci-input", MFD_CLOEXEC));
  if (!file) return failed();
  if (input.empty()) return file;
  CCCI_CHECK(write_all(file.get(), input));
  if (lseek(file.get(), 0, SEEK_SET) != 0) return failed();
  return file;
}

class RealProcesses final : public ProcessRunner {
 public:
  Result<Outcome> run(const Command& command) override {
    SpawnActions actions;
    CCCI_TRY(const Fd in, input_of(command.input));
    CCCI_TRY(Pipe out, new_pipe());
    CCCI_TRY(Pipe err, new_pipe());
    posix_spawn_file_actions_adddup2(actions.files(), in.get(), 0);
    if (command.capture) {
      posix_spawn_file_actions_adddup2(actions.files(), out.write.get(), 1);
      posix_spawn_file_actions_adddup2(actions.files(), err.write.get(), 2);
    }
    if (!command.directory.empty()) {
      posix_spawn_file_actions_addchdir_np(actions.files(), command.directory.c_str());
    }
    const std::vector<char*> argv = exec_words(command.argv);
    std::vector<char*> own;
    if (command.environment) own = exec_words(*command.environment);
    pid_t child = -1;
    const int number =
        posix_spawnp(&child, argv[0], actions.files(), actions.attributes(command.capture),
                     argv.data(), command.environment ? own.data() : environ);
    if (number != 0) {
      return unexpected(fail("base.exec").with("command", command.argv.front()).with_errno(number));
    }
    out.write.reset();
    err.write.reset();
    Outcome outcome;
    std::optional<Clock::time_point> deadline;
    if (command.time_limit) deadline = Clock::now() + *command.time_limit;
    if (command.capture) collect(child, out.read, err.read, command, outcome, deadline);
    outcome.status = reap(child, outcome, deadline);
    return outcome;
  }
};

}  // namespace

ProcessRunner& real_processes() {
  static RealProcesses instance;
  return instance;
}

}  // namespace ccci::base
