// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/remote.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/shell.hpp"
#include "base/text.hpp"
#include "deploy/destination.hpp"

extern char** environ;

namespace ccci::deploy {

namespace {

constexpr std::size_t most_kept = 64U << 10U;
constexpr std::chrono::seconds grace{10};

struct Pipe {
  base::Fd read;
  base::Fd write;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return base::unexpected(base::fail("base.exec").with_errno(errno));
  }
  return Pipe{base::Fd(ends[0]), base::Fd(ends[1])};
}

// Reads to the end, keeps the beginning: a program that prints without end must neither stop nor
// fill the memory.
void drain(int fd, std::string& into) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    const std::size_t room = most_kept - std::min(most_kept, into.size());
    into.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

class Program final : public Conversation {
 public:
  Program(pid_t child, base::Fd in, base::Fd out, base::Fd errors)
      : child_(child),
        in_(std::move(in)),
        out_(std::move(out)),
        errors_(std::move(errors)),
        stream_(out_.get(), in_.get()),
        reader_([this] { drain(errors_.get(), printed_); }) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() override {
    if (child_ > 0) static_cast<void>(finish());
  }

  base::Result<std::size_t> read(char* into, std::size_t room) override {
    return stream_.read(into, room);
  }
  base::Result<void> write(std::string_view bytes) override { return stream_.write(bytes); }

  base::Outcome finish() override {
    in_.reset();
    base::Outcome outcome;
    const auto end = std::chrono::steady_clock::now() + grace;
    siginfo_t info{};
    // Not reaped yet: until then nobody else can have its number.
    while (waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0) {
      if (std::chrono::steady_clock::now() > end) {
        outcome.timed_out = true;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    // Whatever it left running would hold the pipes open.
    kill(-child_, SIGKILL);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
    child_ = -1;
    reader_.join();
    out_.reset();
    outcome.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    outcome.err = printed_;
    return outcome;
  }

 private:
  pid_t child_;
  base::Fd in_;
  base::Fd out_;
  base::Fd errors_;
  FdStream stream_;
  std::string printed_;
  std::thread reader_;
};

}  // namespace

base::Result<std::unique_ptr<Conversation>> converse_with(const std::vector<std::string>& argv) {
  CCCI_TRY(Pipe in, make_pipe());
  CCCI_TRY(Pipe out, make_pipe());
  CCCI_TRY(Pipe errors, make_pipe());
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
  std::vector<char*> pointers;
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  pid_t child = -1;
  const int number =
      posix_spawnp(&child, pointers[0], &files, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (number != 0) {
    return base::unexpected(
        base::fail("base.exec").with("command", argv.front()).with_errno(number));
  }
  return std::make_unique<Program>(child, std::move(in.write), std::move(out.read),
                                   std::move(errors.read));
}

base::Result<Ssh> Ssh::open(const std::string& destination, base::ProcessRunner& processes) {
  CCCI_CHECK(check_destination(destination));
  base::Command command;
  command.argv = {"ssh", "-G", "--", destination};
  command.time_limit = grace;
  CCCI_TRY(const base::Outcome outcome, processes.run(command));
  if (outcome.status != 0) {
    return base::unexpected(base::fail("deploy.ssh")
                                .with("destination", destination)
                                .with("status", outcome.status)
                                .with("output", base::trim(outcome.err)));
  }
  bool root = false;
  for (const std::string_view line : base::split(outcome.out, '\n')) {
    root = root || line == "user root";
  }
  return Ssh(destination, root, processes);
}

std::vector<std::string> Ssh::argv(const std::vector<std::string>& words) const {
  std::vector<std::string> there = words;
  if (!root_) there.insert(there.begin(), {"sudo", "-n", "--"});
  // No password, no question, no terminal, nothing forwarded, no connection of before; a link that
  // is cut is noticed within 15 seconds.
  return {"ssh",
          "-T",
          "-a",
          "-x",
          "-oBatchMode=yes",
          "-oClearAllForwardings=yes",
          "-oControlMaster=no",
          "-oControlPath=none",
          "-oConnectTimeout=10",
          "-oServerAliveInterval=5",
          "-oServerAliveCountMax=3",
          "--",
          destination_,
          base::shell_line(there)};
}

base::Result<std::unique_ptr<Conversation>> Ssh::start(const std::vector<std::string>& words) {
  return converse_with(argv(words));
}

base::Result<base::Outcome> Ssh::run(const std::vector<std::string>& words,
                                     std::chrono::seconds limit) {
  base::Command command;
  command.argv = argv(words);
  command.time_limit = limit;
  CCCI_TRY(base::Outcome outcome, processes_->run(command));
  if (outcome.timed_out) outcome.status = no_connection;
  return outcome;
}

}  // namespace ccci::deploy
