// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/first_process.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/keeper.hpp"

namespace ccci::engine {

namespace {

constexpr std::array<const char*, 10> step_names{"",
                                                 "watching the process that owns the engine",
                                                 "making mounts private",
                                                 "mounting the engine's directory",
                                                 "mounting /proc",
                                                 "raising the loopback device",
                                                 "setting the host name",
                                                 "mounting images",
                                                 "starting the engine",
                                                 "covering the host's configuration of Docker"};

[[noreturn]] void report(const Prepared& plan, Step step, int number) {
  const Report message{step, number};
  static_cast<void>(!write(plan.socket, &message, sizeof message));
  _exit(1);
}

[[noreturn]] void refuse(const Prepared& plan, Step step) { report(plan, step, errno); }

// glibc's fork() takes locks that another thread of cc-ci may have held at the clone.
pid_t raw_fork() {
  return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

// The working directory leads there also after a tmpfs covers the path. The path is resolved again,
// because no mount of the caller's namespace can be bound in this one.
bool mount_directory(const Prepared& plan) {
  struct stat found {};
  if (chdir(plan.path) != 0 || stat(".", &found) != 0) return false;
  if (found.st_dev != plan.device || found.st_ino != plan.inode) {
    errno = ESTALE;
    return false;
  }
  return mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0 &&
         mkdir(inside_directory, 0700) == 0 &&
         mount(".", inside_directory, nullptr, MS_BIND, nullptr) == 0 && chdir("/") == 0;
}

// A tmpfs dies with the namespaces and need not be removed, and the swarm waits for no disk. A
// directory becomes a mount point too: otherwise dockerd would make it one, over the mounts below.
bool mount_data(const Prepared& plan) {
  if (mkdir(inside_data, 0711) != 0) return false;
  if (plan.data_options == nullptr) {
    return mount(inside_data, inside_data, nullptr, MS_BIND, nullptr) == 0;
  }
  return mount("data", inside_data, "tmpfs", MS_NOSUID | MS_NODEV, plan.data_options) == 0;
}

// Waits until the owner has written what belongs into the data, then mounts the layers of images.
void await_data(const Prepared& plan) {
  const Report ready{Step::ready, 0};
  if (write(plan.socket, &ready, sizeof ready) < 0) refuse(plan, Step::images);
  std::array<pollfd, 2> waiting{pollfd{plan.socket, POLLIN, 0}, pollfd{plan.owner, POLLIN, 0}};
  char word = 0;
  if (poll(waiting.data(), waiting.size(), longest_preparation_ms) <= 0 ||
      waiting[1].revents != 0 || read(plan.socket, &word, 1) != 1) {
    _exit(0);
  }
  for (const Bind& bind : plan.binds) {
    const char* const target = bind.target.c_str();
    constexpr unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NODEV;
    if (mount(bind.source, target, nullptr, MS_BIND, nullptr) != 0 ||
        (!bind.writable && mount(nullptr, target, nullptr, flags, nullptr) != 0)) {
      refuse(plan, Step::images);
    }
  }
}

bool raise_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq request{};
  memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool raised = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  return raised;
}

void prepare_namespaces(const Prepared& plan) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) refuse(plan, Step::mounts);
  if (!mount_directory(plan) || !mount_data(plan)) refuse(plan, Step::directory);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    refuse(plan, Step::proc);
  }
  if (!raise_loopback()) refuse(plan, Step::loopback);
  // A node's name is in the engine's answers, so it must not depend on the host.
  if (sethostname("engine", 6) != 0) refuse(plan, Step::hostname);
}

// The engine's shell says on `entered` that it is in its root, then waits for a line on `go`.
struct Handshake {
  std::array<int, 2> entered{-1, -1};
  std::array<int, 2> go{-1, -1};
};

pid_t start_engine(const Prepared& plan, const Handshake& hands) {
  const pid_t child = raw_fork();
  if (child != 0) return child;
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setsid();
  dup2(hands.entered[1], 3);
  dup2(hands.go[0], 4);
  execve(plan.argv[0], plan.argv.data(), plan.environment.data());
  _exit(127);
}

// In the mounts that the engine's own process sees, which an environment's launcher made. Older
// engines write a key to /etc/docker, which an environment shows read-only. The host's
// configuration of Docker must not matter either. containerd makes /opt/containerd.
bool cover_configuration(pid_t engine) {
  std::array<char, 32> path{};
  static_cast<void>(snprintf(path.data(), path.size(), "/proc/%d/ns/mnt", engine));
  const int mounts = open(path.data(), O_RDONLY | O_CLOEXEC);
  if (mounts < 0 || setns(mounts, CLONE_NEWNS) != 0) return false;
  for (const char* place : {"/etc/docker", "/opt"}) {
    if (mount("engine", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0 && errno != ENOENT) {
      return false;
    }
  }
  return true;
}

// False if the engine ended before it was in its root.
bool prepare_root(const Prepared& plan, pid_t engine, const Handshake& hands) {
  close(hands.entered[1]);
  close(hands.go[0]);
  char word = 0;
  if (read(hands.entered[0], &word, 1) != 1) return false;
  const pid_t helper = raw_fork();
  if (helper == 0) _exit(cover_configuration(engine) ? 0 : errno);
  int status = 0;
  while (waitpid(helper, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    report(plan, Step::configuration, WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
  }
  return write(hands.go[1], "\n", 1) == 1;
}

// Reaps every process whose parent has died. Ends when the engine has ended.
void reap(const Prepared& plan, pid_t engine) {
  int status = 0;
  for (pid_t child = 0; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (child == engine) report(plan, Step::ended, status);
  }
}

// A signal of the terminal is for cc-ci, not for the keeper, and cc-ci's handlers must not run
// here.
void leave_owner() {
  setsid();
  umask(022);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

// Moves what the keeper needs to the descriptors 10 to 12 and closes all others: locks, pipes and
// connections of cc-ci.
Prepared keep_descriptors(const Prepared& plan, int signals) {
  const int socket = fcntl(plan.socket, F_DUPFD_CLOEXEC, 100);
  const int owner = fcntl(plan.owner, F_DUPFD_CLOEXEC, 100);
  const int watched = fcntl(signals, F_DUPFD_CLOEXEC, 100);
  if (socket < 0 || owner < 0 || watched < 0) refuse(plan, Step::owner);
  dup3(socket, 10, O_CLOEXEC);
  dup3(owner, 11, O_CLOEXEC);
  dup3(watched, 12, O_CLOEXEC);
  syscall(SYS_close_range, 3U, 9U, 0U);
  syscall(SYS_close_range, 13U, ~0U, 0U);
  Prepared inside;
  inside.socket = 10;
  inside.owner = 11;
  return inside;
}

}  // namespace

const char* describe(Step step) { return step_names.at(static_cast<std::size_t>(step)); }

void keep(const Prepared& plan) {
  leave_owner();
  // Through the groups everything is found, so the keeper enters them before it starts anything.
  for (const int entry : plan.cgroups) static_cast<void>(!write(entry, "0", 1));
  prepare_namespaces(plan);
  await_data(plan);
  dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
  dup2(plan.log, 1);
  dup2(plan.log, 2);
  sigset_t children{};
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, nullptr);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) refuse(plan, Step::owner);
  const Prepared inside = keep_descriptors(plan, signals);
  Handshake hands;
  if (pipe2(hands.entered.data(), O_CLOEXEC) != 0 || pipe2(hands.go.data(), O_CLOEXEC) != 0) {
    refuse(inside, Step::start);
  }
  // An owner that is dead already may have been reaped: nothing may appear after that.
  pollfd owner{inside.owner, POLLIN, 0};
  if (poll(&owner, 1, 0) != 0) _exit(0);
  const pid_t engine = start_engine(plan, hands);
  if (engine < 0) refuse(inside, Step::start);
  prepare_root(inside, engine, hands);
  std::array<pollfd, 3> waiting{pollfd{11, POLLIN, 0}, pollfd{12, POLLIN, 0},
                                pollfd{10, POLLIN, 0}};
  for (;;) {
    reap(inside, engine);
    static_cast<void>(poll(waiting.data(), waiting.size(), -1));
    signalfd_siginfo ignored{};
    while (read(12, &ignored, sizeof ignored) > 0) {
    }
    // First, because the owner may end right after it released the engine.
    if (waiting[2].revents != 0) {
      char word = 0;
      if (read(10, &word, 1) == 1 && word == release_word) waiting[0].fd = -1;
      waiting[2].fd = -1;
    }
    // A pidfd is readable when its process has ended, whichever of its threads was the parent.
    if (waiting[0].fd >= 0 && (waiting[0].revents & POLLIN) != 0) _exit(0);
  }
}

}  // namespace ccci::engine
