// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/conversation.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "base/child.hpp"
#include "base/fd.hpp"

extern char** environ;

namespace ccci::deploy {

namespace {

constexpr std::size_t most_kept = 64U << 10U;
constexpr std::chrono::seconds grace{10};

base::Result<base::Pipe> new_pipe() {
  base::Pipe pipe = base::make_pipe();
  if (!pipe) return base::unexpected(base::fail("base.exec").with_errno(errno));
  return pipe;
}

// Reads to the end but keeps only the beginning. A program that prints without end must neither
// block nor fill the memory. After `over` is set, the function does not wait for output of
// processes that the program left behind.
void drain(int fd, std::string& into, const std::atomic<bool>& over) {
  std::array<char, 4096> buffer;
  for (;;) {
    const bool last = over;
    pollfd watched{fd, POLLIN, 0};
    const int ready = poll(&watched, 1, last ? 0 : 50);
    if (ready == 0 && last) return;
    if (ready <= 0) continue;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    const std::size_t room = most_kept - std::min(most_kept, into.size());
    into.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

class ChildConversation final : public Conversation {
 public:
  ChildConversation(pid_t child, base::Fd in, base::Fd out, base::Fd errors, Patience patience)
      : child_(child),
        in_(std::move(in)),
        out_(std::move(out)),
        errors_(std::move(errors)),
        stream_(out_.get(), in_.get(), std::move(patience)),
        reader_([this] { drain(errors_.get(), printed_, over_); }) {}
  ChildConversation(const ChildConversation&) = delete;
  ChildConversation& operator=(const ChildConversation&) = delete;
  ~ChildConversation() override {
    if (child_ > 0) static_cast<void>(finish());
  }

  base::Result<std::size_t> read(char* into, std::size_t room) override {
    return noticed(stream_.read(into, room));
  }
  base::Result<void> write(std::string_view bytes) override {
    return noticed(stream_.write(bytes));
  }

  base::Outcome finish() override {
    in_.reset();
    base::Outcome outcome;
    const auto end =
        std::chrono::steady_clock::now() + (given_up_ ? std::chrono::seconds(0) : grace);
    siginfo_t info{};
    // WNOWAIT does not reap the child, so no other process can get its PID.
    while (waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0) {
      if (std::chrono::steady_clock::now() > end) {
        outcome.timed_out = true;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    // Processes that the program left behind would keep the pipes open.
    kill(-child_, SIGKILL);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
    child_ = -1;
    over_ = true;
    reader_.join();
    out_.reset();
    outcome.status = base::exit_status(status);
    outcome.err = printed_;
    return outcome;
  }

 private:
  template <typename T>
  base::Result<T> noticed(base::Result<T> result) {
    given_up_ = given_up_ || (!result && !result.error().is(base::Condition::disconnected));
    return result;
  }

  pid_t child_;
  bool given_up_ = false;
  base::Fd in_;
  base::Fd out_;
  base::Fd errors_;
  FdStream stream_;
  std::string printed_;
  std::atomic<bool> over_ = false;
  std::thread reader_;
};

}  // namespace

base::Result<std::unique_ptr<Conversation>> converse_with(const std::vector<std::string>& argv,
                                                          Patience patience) {
  CCCI_TRY(base::Pipe in, new_pipe());
  CCCI_TRY(base::Pipe out, new_pipe());
  CCCI_TRY(base::Pipe errors, new_pipe());
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.read.get(), 0);
  posix_spawn_file_actions_adddup2(&files, out.write.get(), 1);
  posix_spawn_file_actions_adddup2(&files, errors.write.get(), 2);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const std::vector<char*> words = base::exec_words(argv);
  pid_t child = -1;
  const int number = posix_spawnp(&child, words[0], &files, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (number != 0) {
    return base::unexpected(
        base::fail("base.exec").with("command", argv.front()).with_errno(number));
  }
  return std::make_unique<ChildConversation>(child, std::move(in.write), std::move(out.read),
                                             std::move(errors.read), std::move(patience));
}

}  // namespace ccci::deploy
