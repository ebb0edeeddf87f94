// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/sealed_run.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/child.hpp"
#include "base/files.hpp"
#include "seal/output.hpp"
#include "seal/restriction.hpp"

namespace ccci::seal {

namespace {

// A step that was refused: its number is the exit status of the child, so that the parent can name
// it. Output of the scripts cannot be mistaken for it, because only the first process sends it.
enum class Step : unsigned char {
  none,
  namespaces,
  identity,
  process,
  private_mounts,
  overlay,
  proc,
  devices,
  root,
  filter
};

constexpr std::array<const char*, 10> step_names{
    "",
    "creating user, mount, process and network namespaces",
    "mapping the user in a user namespace",
    "creating a process",
    "making mounts private",
    "mounting an overlay",
    "mounting /proc",
    "making /dev",
    "changing the root directory",
    "setting a system call filter"};

struct Refusal {
  Step step = Step::none;
  int error = 0;
};

// All that the child needs is made before fork(): another thread may hold a lock of the allocator.
struct Prepared {
  int directory = -1;
  const char* path = nullptr;
  int output = -1;
  int refusals = -1;
  bool user_namespace = true;
  bool bare = false;
  bool network = false;
  bool in_memory = false;
  rlim_t memory_limit = RLIM_INFINITY;
  rlim_t file_limit = RLIM_INFINITY;
  std::array<std::string, 3> overlay{};
  std::array<std::string, 2> overlay_in_memory{};
  std::array<char, 32> user_map{};
  std::array<char, 32> group_map{};
  std::vector<std::vector<char*>> commands;
  std::vector<char*> variables;
};

[[noreturn]] void refuse(const Prepared& run, Step step) {
  const Refusal refusal{step, errno};
  static_cast<void>(!write(run.refusals, &refusal, sizeof refusal));
  _exit(1);
}

bool write_text(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const auto size = static_cast<ssize_t>(strlen(text));
  const bool written = write(fd, text, static_cast<std::size_t>(size)) == size;
  close(fd);
  return written;
}

bool bind_device(const char* name) {
  std::array<char, 64> from{};
  std::array<char, 64> to{};
  static_cast<void>(snprintf(from.data(), from.size(), "/dev/%s", name));
  static_cast<void>(snprintf(to.data(), to.size(), "mnt/dev/%s", name));
  const int fd = open(to.data(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  close(fd);
  return mount(from.data(), to.data(), nullptr, MS_BIND, nullptr) == 0;
}

bool make_devices() {
  if (mount("dev", "mnt/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") != 0) {
    return false;
  }
  for (const char* name : {"null", "zero", "full", "random", "urandom"}) {
    if (!bind_device(name)) return false;
  }
  return symlink("/proc/self/fd", "mnt/dev/fd") == 0 &&
         symlink("/proc/self/fd/0", "mnt/dev/stdin") == 0 &&
         symlink("/proc/self/fd/1", "mnt/dev/stdout") == 0 &&
         symlink("/proc/self/fd/2", "mnt/dev/stderr") == 0;
}

// Sends a descriptor to cc-ci.
bool send_directory(int socket, const char* path) {
  const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  Refusal nothing;
  iovec part{&nothing, sizeof nothing};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  const bool sent = sendmsg(socket, &message, 0) > 0;
  close(fd);
  return sent;
}

// Nothing can be written over an overlay that lies on another overlay. A tmpfs can take it.
bool mount_overlay_in_memory(const Prepared& run) {
  if (mount("upper", "upper", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=50%") != 0 ||
      mkdir("upper/upper", 0755) != 0 || mkdir("upper/work", 0755) != 0) {
    return false;
  }
  for (const std::string& options : run.overlay_in_memory) {
    if (mount("overlay", "mnt", "overlay", MS_NOSUID | MS_NODEV, options.c_str()) == 0) {
      return send_directory(run.refusals, "upper/upper");
    }
  }
  return false;
}

bool mount_overlay(const Prepared& run) {
  // userxattr: without rights in the first user namespace, overlayfs may use only these.
  // volatile: nothing here needs to survive a power failure before it is published.
  if (run.in_memory && mount_overlay_in_memory(run)) return true;
  if (run.in_memory) umount2("upper", MNT_DETACH);
  for (const std::string& options : run.overlay) {
    if (mount("overlay", "mnt", "overlay", MS_NOSUID | MS_NODEV, options.c_str()) == 0) return true;
  }
  return errno == EINVAL && mount_overlay_in_memory(run);
}

void add_kernel_files(const Prepared& run) {
  // A container with a masked /proc allows no new one. There, the caller's own is bound.
  if (mount("proc", "mnt/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0 &&
      mount("/proc", "mnt/proc", nullptr, MS_BIND | MS_REC, nullptr) != 0) {
    refuse(run, Step::proc);
  }
  if (!make_devices()) refuse(run, Step::devices);
  for (const char* place : {"mnt/run", "mnt/tmp"}) {
    if (mount("tmp", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=50%") != 0) {
      refuse(run, Step::devices);
    }
  }
}

void enter_root(const Prepared& run) {
  // The old root is mounted on the new one, then unmounted.
  if (chdir("mnt") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    refuse(run, Step::root);
  }
}

void make_root(const Prepared& run) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    refuse(run, Step::private_mounts);
  }
  // A descriptor from outside belongs to a mount of another namespace, and overlayfs refuses it. So
  // the path is resolved again, and must lead to the same directory.
  struct stat wanted {};
  struct stat found {};
  if (fstat(run.directory, &wanted) != 0 || chdir(run.path) != 0 || stat(".", &found) != 0) {
    refuse(run, Step::overlay);
  }
  if (wanted.st_dev != found.st_dev || wanted.st_ino != found.st_ino) {
    errno = ESTALE;
    refuse(run, Step::overlay);
  }
  if (!mount_overlay(run)) refuse(run, Step::overlay);
  if (!run.bare) add_kernel_files(run);
  enter_root(run);
}

void execute_one(const Prepared& run, const std::vector<char*>& command) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    execve(command[0], command.data(), run.variables.data());
    static constexpr char message[] = "cannot be started\n";
    static_cast<void>(!write(2, message, sizeof message - 1));
    _exit(127);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

// The first process of the new process namespace. When it ends, the kernel kills the others.
[[noreturn]] void run_commands(const Prepared& run) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, 0);
  make_root(run);
  dup2(run.output, 1);
  dup2(run.output, 2);
  umask(022);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const rlimit memory{run.memory_limit, run.memory_limit};
  if (run.memory_limit != RLIM_INFINITY) setrlimit(RLIMIT_AS, &memory);
  const rlimit file{run.file_limit, run.file_limit};
  if (run.file_limit != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &file);
  // Addresses get into the results of some programs, for example by the order of hash tables.
  personality(ADDR_NO_RANDOMIZE);
  // Every other descriptor of cc-ci closes: a script must not reach the store through one.
  const int refusals = fcntl(run.refusals, F_DUPFD_CLOEXEC, 3);
  dup3(refusals, 3, O_CLOEXEC);
  syscall(SYS_close_range, 4U, ~0U, 0U);
  Prepared inside;
  inside.refusals = 3;
  drop_capabilities();
  if (!filter_calls()) refuse(inside, Step::filter);
  for (const std::vector<char*>& command : run.commands) execute_one(run, command);
  _exit(0);
}

// A failure is the script's to report.
void raise_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  ifreq request{};
  memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  static_cast<void>(ioctl(socket, SIOCSIFFLAGS, &request));
  close(socket);
}

[[noreturn]] void seal(const Prepared& run) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int kinds = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
                    (run.network ? 0 : CLONE_NEWNET);
  if (unshare(kinds | (run.user_namespace ? CLONE_NEWUSER : 0)) != 0) refuse(run, Step::namespaces);
  if (run.user_namespace && (!write_text("/proc/self/setgroups", "deny") ||
                             !write_text("/proc/self/uid_map", run.user_map.data()) ||
                             !write_text("/proc/self/gid_map", run.group_map.data()))) {
    refuse(run, Step::identity);
  }
  // Some scripts look for an interface: postfix makes no database of aliases without one.
  if (!run.network) raise_loopback();
  if (sethostname("localhost", 9) != 0) refuse(run, Step::namespaces);
  const pid_t first = fork();
  if (first < 0) refuse(run, Step::process);
  if (first == 0) run_commands(run);
  // Other threads of cc-ci run sealed programs too. As long as this process has the writing ends of
  // their pipes, they wait for this run's programs to end.
  syscall(SYS_close_range, 3U, ~0U, 0U);
  int status = 0;
  while (waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

// All messages of the child, which has ended: at most one refusal and one descriptor.
Refusal receive(int socket, base::Fd& upper) {
  Refusal refusal;
  for (;;) {
    Refusal one;
    iovec part{&one, sizeof one};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size != static_cast<ssize_t>(sizeof one)) return refusal;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      memcpy(&fd, CMSG_DATA(header), sizeof fd);
      upper = base::Fd(fd);
    } else {
      refusal = one;
    }
  }
}

base::Result<Refusal> attempt(const SealedRun& run, bool user_namespace, SealedOutcome& outcome) {
  Prepared prepared;
  base::Pipe output = base::make_pipe();
  std::array<int, 2> ends{-1, -1};
  if (!output || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::unexpected(base::fail("seal.denied").with("step", "a pipe").with_errno(errno));
  const base::Fd messages(ends[0]);
  base::Fd sender(ends[1]);
  prepared.directory = run.directory;
  prepared.path = run.path.c_str();
  prepared.output = output.write.get();
  prepared.refusals = sender.get();
  prepared.user_namespace = user_namespace;
  prepared.bare = run.bare;
  prepared.network = run.network;
  prepared.in_memory = run.in_memory;
  if (run.memory_limit != 0) prepared.memory_limit = run.memory_limit;
  if (run.file_limit != 0) prepared.file_limit = run.file_limit;
  const std::string layers = "lowerdir=" + run.lower + ",upperdir=upper,workdir=work";
  prepared.overlay = {layers + ",userxattr,volatile", layers + ",userxattr", layers};
  const std::string memory = "lowerdir=" + run.lower + ",upperdir=upper/upper,workdir=upper/work";
  prepared.overlay_in_memory = {memory + ",userxattr", memory};
  static_cast<void>(snprintf(prepared.user_map.data(), prepared.user_map.size(), "0 %u 1\n",
                             static_cast<unsigned>(geteuid())));
  static_cast<void>(snprintf(prepared.group_map.data(), prepared.group_map.size(), "0 %u 1\n",
                             static_cast<unsigned>(getegid())));
  for (const auto& command : run.commands) prepared.commands.push_back(base::exec_words(command));
  prepared.variables = base::exec_words(run.variables);
  const pid_t child = fork();
  if (child == 0) seal(prepared);
  const int number = errno;
  output.write.reset();
  sender.reset();
  if (child < 0) {
    return base::unexpected(
        base::fail("seal.denied").with("step", "creating a process").with_errno(number));
  }
  const OutputEnd end = read_output(output.read.get(), child, run, outcome.output);
  outcome.timed_out = end != OutputEnd::closed;
  outcome.was_busy = end == OutputEnd::too_slow;
  if (outcome.timed_out) kill(child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return receive(messages.get(), outcome.upper);
}

}  // namespace

base::Result<SealedOutcome> run_sealed(const SealedRun& run) {
  SealedOutcome outcome;
  CCCI_TRY(Refusal refusal, attempt(run, true, outcome));
  // A kernel without user namespaces: root can seal the scripts without one. They keep root's
  // capabilities there, so the system call filter is what holds them.
  if (refusal.step == Step::namespaces && geteuid() == 0) {
    outcome = SealedOutcome{};
    CCCI_TRY(refusal, attempt(run, false, outcome));
  }
  if (refusal.step != Step::none) {
    return base::unexpected(base::fail("seal.denied")
                                .with("step", step_names[static_cast<std::size_t>(refusal.step)])
                                .with_errno(refusal.error));
  }
  if (!outcome.upper) {
    CCCI_TRY(outcome.upper,
             base::open_in_root(run.directory, "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }
  return outcome;
}

}  // namespace ccci::seal
