// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/keeper.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/child.hpp"
#include "engine/first_process.hpp"

namespace ccci::engine {

namespace {

base::Error denied(const char* step, int number) {
  return base::fail("engine.denied").with("step", step).with_errno(number);
}

}  // namespace

base::Result<Keeper> Keeper::start(const Keeping& keeping) {
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::unexpected(denied("a socket", errno));
  Keeper keeper;
  keeper.socket_ = base::Fd(ends[0]);
  base::Fd theirs(ends[1]);
  const base::Fd owner(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0U)));
  if (!owner) return base::unexpected(denied(describe(Step::owner), errno));
  Prepared plan;
  struct stat seen {};
  if (fstat(keeping.directory, &seen) != 0) {
    return base::unexpected(denied(describe(Step::directory), errno));
  }
  plan.path = keeping.path.c_str();
  const std::string options = "mode=711,size=" + std::to_string(keeping.memory);
  if (keeping.memory > 0) plan.data_options = options.c_str();
  for (const SeedMount& seed : keeping.mounts) {
    plan.binds.push_back({seed.source.c_str(), std::string(inside_data) + "/" + seed.target});
  }
  for (const SeedMount& seed : keeping.writable) {
    plan.binds.push_back({seed.source.c_str(), std::string(inside_data) + "/" + seed.target, true});
  }
  plan.device = seen.st_dev;
  plan.inode = seen.st_ino;
  plan.log = keeping.log;
  plan.owner = owner.get();
  plan.socket = theirs.get();
  for (const base::Fd& entry : keeping.cgroups) plan.cgroups.push_back(entry.get());
  plan.argv = base::exec_words(keeping.argv);
  plan.environment = base::exec_words(keeping.environment);
  // Not fork(): the namespaces must exist when the process does, so that there is no process
  // between owner and keeper that could be killed alone.
  int process_fd = -1;
  const unsigned long kinds =
      CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  const long child =
      syscall(SYS_clone, kinds | CLONE_PIDFD | SIGCHLD, nullptr, &process_fd, nullptr, nullptr);
  if (child == 0) keep(plan);
  if (child < 0) {
    return base::unexpected(denied("creating mount, process, network and other namespaces", errno));
  }
  keeper.process_ = static_cast<pid_t>(child);
  keeper.process_fd_ = base::Fd(process_fd);
  theirs.reset();  // or its end would not be noticed
  CCCI_CHECK(keeper.prepare_data(keeping));
  return keeper;
}

base::Result<void> Keeper::prepare_data(const Keeping& keeping) {
  pollfd waiting{socket_.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, longest_preparation_ms)) < 0 && errno == EINTR) {
  }
  Report message;
  if (ready <= 0 || recv(socket_.get(), &message, sizeof message, 0) != sizeof message)
    return base::unexpected(denied("preparing namespaces", ready == 0 ? ETIMEDOUT : EPIPE));
  if (message.step != Step::ready)
    return base::unexpected(denied(describe(message.step), message.number));
  if (keeping.prepare) {
    CCCI_CHECK(keeping.prepare("/proc/" + std::to_string(process_) + "/root" + inside_data));
  }
  if (send(socket_.get(), &prepared_word, 1, MSG_NOSIGNAL) != 1)
    return base::unexpected(denied("preparing namespaces", errno));
  return {};
}

Keeper::~Keeper() {
  if (process_fd_) stop(2000);
}

std::optional<base::Error> Keeper::ended() {
  pollfd waiting{process_fd_.get(), POLLIN, 0};
  if (why_ || (!reaped_ && poll(&waiting, 1, 0) <= 0)) return why_;
  Report message;
  if (recv(socket_.get(), &message, sizeof message, MSG_DONTWAIT) != sizeof message) {
    why_ = base::fail("engine.ended").with("status", "killed");
  } else if (message.step == Step::ended) {
    why_ = base::fail("engine.ended").with("status", base::exit_status(message.number));
  } else {
    why_ = denied(describe(message.step), message.number);
  }
  return why_;
}

void Keeper::release() {
  static_cast<void>(!send(socket_.get(), &release_word, 1, MSG_NOSIGNAL));
  process_fd_.reset();
}

bool Keeper::stop(int limit_ms) {
  if (reaped_ || !process_fd_) return true;
  syscall(SYS_pidfd_send_signal, process_fd_.get(), SIGKILL, nullptr, 0U);
  pollfd waiting{process_fd_.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, limit_ms)) < 0 && errno == EINTR) {
  }
  if (ready <= 0) return false;
  reaped_ = true;
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace ccci::engine
