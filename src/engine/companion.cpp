// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/companion.hpp"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/child.hpp"

namespace ccci::engine {

namespace {

struct Plan {
  int keeper = -1;  // pidfd
  int output = -1;
  int answers = -1;  // a socket
  std::vector<int> groups;
  std::vector<char*> argv;
  std::vector<char*> environment;
  const CompanionCommand* command = nullptr;
  std::vector<int> doors;  // made before, so that the clone needs no memory
};

// One message: the errno of what failed, or 0 and a pidfd.
struct Message {
  explicit Message(int& error) : data{&error, sizeof error} {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = room.size();
  }

  iovec data;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr header{};
};

[[noreturn]] void answer(const Plan& plan, int error, int process_fd = -1) {
  Message message(error);
  if (process_fd < 0) {
    message.header.msg_controllen = 0;
  } else {
    cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof process_fd);
    memcpy(CMSG_DATA(rights), &process_fd, sizeof process_fd);
  }
  static_cast<void>(sendmsg(plan.answers, &message.header, MSG_NOSIGNAL));
  _exit(0);
}

// The errno that was said. The helper ended without a word: EIO.
int hear(int answers, base::Fd& process) {
  int error = EIO;
  Message message(error);
  ssize_t size = 0;
  while ((size = recvmsg(answers, &message.header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (size != static_cast<ssize_t>(sizeof error)) return EIO;
  const cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return error == 0 ? EIO : error;
  int fd = -1;
  memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  process = base::Fd(fd);
  return error;
}

void wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

bool set_read_only(const char* path, bool yes, unsigned flags) {
  mount_attr wanted{};
  (yes ? wanted.attr_set : wanted.attr_clr) = MOUNT_ATTR_RDONLY;
  return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &wanted, sizeof wanted) == 0;
}

bool write_only_below(const std::vector<std::string>& writable) {
  // Only a mount of its own can be left out.
  for (const std::string& path : writable)
    if (mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  if (!set_read_only("/", true, AT_RECURSIVE)) return false;
  for (const std::string& path : writable)
    if (!set_read_only(path.c_str(), false, 0)) return false;
  return true;
}

// In mounts of its own, so that other programs and the engine do not see them.
bool cover(const CompanionCommand& command) {
  const std::vector<Cover>& covers = command.covers;
  if (covers.empty() && !command.writable) return true;
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return false;
  for (const Cover& wanted : covers) {
    struct stat found {};
    if (stat(wanted.content.c_str(), &found) != 0) return false;
    if (S_ISDIR(found.st_mode)) static_cast<void>(mkdir(wanted.at.c_str(), 0755));
    if (mount(wanted.content.c_str(), wanted.at.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return false;
  }
  return !command.writable || write_only_below(*command.writable);
}

// The system calls themselves: glibc's functions would signal the other threads of the owner.
bool become(uid_t user) {
  return syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setresgid, user, user, user) == 0 &&
         syscall(SYS_setresuid, user, user, user) == 0;
}

// Other sockets on the same port go on listening: the program may take the place of another.
int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  constexpr int yes = 1;
  constexpr int waiting = 1024;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                       setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0 &&
                       bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       listen(fd, waiting) == 0;
  return listens ? fd : -1;
}

bool open_doors(Plan& plan) {
  const CompanionCommand& command = *plan.command;
  for (std::size_t i = 0; i < command.doors.size(); ++i) {
    plan.doors[i] = listen_on(command.doors[i]);
    if (plan.doors[i] < 0) return false;
  }
  return command.network < 0 || setns(command.network, CLONE_NEWNET) == 0;
}

// Moves the doors to their numbers. Returns the first number after them.
unsigned place_doors(const std::vector<int>& doors) {
  constexpr int above = 200;
  for (std::size_t i = 0; i < doors.size(); ++i)
    dup2(doors[i], above + static_cast<int>(i));  // one may have the number of another
  for (std::size_t i = 0; i < doors.size(); ++i)
    dup2(above + static_cast<int>(i), first_door + static_cast<int>(i));
  return first_door + static_cast<unsigned>(doors.size());
}

[[noreturn]] void execute(const Plan& plan) {
  setsid();
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, 0);
  dup2(plan.output < 0 ? nothing : plan.output, 1);
  dup2(1, 2);
  syscall(SYS_close_range, place_doors(plan.doors), ~0U, 0U);
  const CompanionCommand& command = *plan.command;
  const char* const directory = command.directory.empty() ? "/" : command.directory.c_str();
  if (!cover(command) || chdir(directory) != 0 || (command.user && !become(*command.user))) {
    constexpr std::string_view words = "cc-ci: its user, mounts or directory cannot be set\n";
    static_cast<void>(!write(2, words.data(), words.size()));
    _exit(127);
  }
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  execve(plan.argv[0], plan.argv.data(), plan.environment.data());
  _exit(127);
}

// Inside of the namespaces already, so when this process has ended, the keeper is the companion's
// parent and reaps it. A child of a process outside would become a child of the host's first
// process: that may reap late or never, and until then the namespaces do not end.
[[noreturn]] void adopt(const Plan& plan) {
  int process_fd = -1;
  const long child =
      syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &process_fd, nullptr, nullptr);
  if (child == 0) execute(plan);
  answer(plan, child < 0 ? errno : 0, process_fd);
}

// Joining a process namespace concerns children only.
[[noreturn]] void join(Plan& plan) {
  for (const int group : plan.groups) static_cast<void>(!write(group, "0", 1));
  if (setns(plan.keeper, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) !=
      0) {
    answer(plan, errno);
  }
  if (!open_doors(plan)) answer(plan, errno);
  const pid_t child = fork();
  if (child == 0) adopt(plan);
  if (child < 0) answer(plan, errno);
  wait_for(child);
  _exit(0);
}

base::Error denied(int number) {
  return base::fail("engine.denied").with("step", "joining its namespaces").with_errno(number);
}

}  // namespace

base::Result<Companion> Companion::start(pid_t keeper, const std::vector<base::Fd>& groups,
                                         const CompanionCommand& command) {
  const base::Fd process(static_cast<int>(syscall(SYS_pidfd_open, keeper, 0U)));
  std::array<int, 2> ends{-1, -1};
  if (!process || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::unexpected(denied(errno));
  const base::Fd answers(ends[0]);
  base::Fd theirs(ends[1]);
  Plan plan;
  plan.keeper = process.get();
  plan.output = command.output;
  plan.answers = theirs.get();
  for (const base::Fd& group : groups) plan.groups.push_back(group.get());
  plan.argv = base::exec_words(command.argv);
  plan.environment = base::exec_words(command.environment);
  plan.command = &command;
  plan.doors.assign(command.doors.size(), -1);
  const pid_t helper = fork();
  if (helper == 0) join(plan);
  const int number = errno;
  theirs.reset();  // or a helper that is killed would not be noticed
  if (helper < 0) return base::unexpected(denied(number));
  base::Fd companion;
  const int error = hear(answers.get(), companion);
  wait_for(helper);
  if (error != 0) return base::unexpected(denied(error));
  return Companion(std::move(companion));
}

bool Companion::runs() const {
  pollfd waiting{process_fd_.get(), POLLIN, 0};
  return process_fd_ && poll(&waiting, 1, 0) == 0;
}

void Companion::end() {
  if (process_fd_) syscall(SYS_pidfd_send_signal, process_fd_.get(), SIGKILL, nullptr, 0U);
}

}  // namespace ccci::engine
