// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace ccci::gate {

namespace {

void close_range(unsigned first, unsigned last, unsigned flags) {
  if (first <= last) syscall(SYS_close_range, first, last, flags);
}

// Closes all descriptors except the three standard ones and these two.
void keep_only(int one, int other) {
  const auto low = static_cast<unsigned>(std::min(one, other));
  const auto high = static_cast<unsigned>(std::max(one, other));
  close_range(3, low - 1, 0);
  close_range(low + 1, high - 1, 0);
  close_range(high + 1, ~0U, 0);
}

void tell(int fd, const Word& word) {
  while (write(fd, &word, sizeof word) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void become_command(const Orders& orders) {
  setsid();
  for (int number = 1; number < 65; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool there = orders.mounts < 0 || setns(orders.mounts, CLONE_NEWNS) == 0;
  if (there && dup2(orders.in, 0) >= 0 && dup2(orders.out, 1) >= 0 && dup2(orders.err, 2) >= 0 &&
      chdir(orders.directory) == 0) {
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(orders.program, orders.argv, orders.environment);
  }
  tell(orders.words, {Word::Kind::not_started, errno, 0});
  _exit(127);
}

// Sends SIGKILL to each child and counts the children. The kernel lists our children in one file,
// including those that became ours when their parents died.
std::uint64_t kill_children() {
  const int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::array<char, 4096> buffer;
  std::uint64_t count = 0;
  pid_t pid = 0;
  for (;;) {
    const ssize_t size = read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    for (ssize_t i = 0; i < size; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
      } else if (pid > 0) {
        kill(pid, SIGKILL);
        ++count;
        pid = 0;
      }
    }
  }
  close(fd);
  return count;
}

// Reaps until no child is left. The children of a killed process become ours, so this is a loop.
void end_all(pid_t command, int& status) {
  for (;;) {
    if (kill_children() == 0) kill(-command, SIGKILL);
    int ended_status = 0;
    pid_t ended = waitpid(-1, &ended_status, 0);
    while (ended > 0) {
      if (ended == command) status = ended_status;
      ended = waitpid(-1, &ended_status, WNOHANG);
    }
    if (ended < 0 && errno == ECHILD) return;
  }
}

// Returns true if the command ended by itself.
bool wait_for(pid_t command, int control) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, command, 0));
  std::array<pollfd, 2> watched{pollfd{control, POLLIN, 0}, pollfd{pidfd, POLLIN, 0}};
  for (;;) {
    const int ready = poll(watched.data(), watched.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    if (watched[1].revents != 0) return true;
    return false;
  }
}

}  // namespace

void supervise(const Orders& orders) {
  setsid();  // Ctrl-C must reach only our parent; if the parent dies, we notice it
  // The command may send signals to its parent.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_IGN);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_NAME, "cc-ci-gate", 0, 0, 0);
  const pid_t command = fork();
  if (command == 0) become_command(orders);
  if (command < 0) {
    tell(orders.words, {Word::Kind::not_started, errno, 0});
    _exit(1);
  }
  tell(orders.words, {Word::Kind::started, command, 0});
  keep_only(orders.control, orders.words);
  Word last{Word::Kind::ended, 0, 0};
  int status = 0;
  if (wait_for(command, orders.control)) {
    waitpid(command, &status, 0);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    last.left_running = kill_children();
  }
  end_all(command, status);
  last.number = status;
  tell(orders.words, last);
  _exit(0);
}

}  // namespace ccci::gate
