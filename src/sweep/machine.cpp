// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/machine.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/child.hpp"
#include "base/files.hpp"
#include "base/memory.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds glance{200};

class RealJob final : public JobProcess {
 public:
  explicit RealJob(pid_t pid) : pid_(pid) {}
  ~RealJob() override {
    if (status_) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  RealJob(const RealJob&) = delete;
  RealJob& operator=(const RealJob&) = delete;

  std::optional<int> ended() override {
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = base::exit_status(status);
    return status_;
  }
  // The number still belongs to the process: only ended() takes its status.
  void stop() override {
    if (!status_) ::kill(pid_, SIGTERM);
  }
  void kill() override {
    if (!status_) ::kill(pid_, SIGKILL);
  }

 private:
  pid_t pid_;
  std::optional<int> status_;
};

[[noreturn]] void become(const std::vector<char*>& words, int log, pid_t parent) {
  // A group of its own: Ctrl-C on the terminal reaches the sweep, and the sweep stops its jobs.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(128 + SIGTERM);  // it died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) signal(number, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(words[0], words.data());
  _exit(127);
}

class RealMachine final : public Machine {
 public:
  base::WallTime now() override { return std::chrono::system_clock::now(); }
  base::Clock::Time tick() override { return base::real_clock().now(); }
  void pause() override { std::this_thread::sleep_for(glance); }

  Free free(const fs::path& directory) override {
    Free free;
    free.memory = base::free_memory();
    const auto opened = base::open_path(directory, O_PATH | O_DIRECTORY);
    if (!opened) return free;
    const auto bytes = base::free_bytes(opened->get());
    if (bytes) free.disk = *bytes;
    return free;
  }

  base::Result<std::unique_ptr<JobProcess>> start(const std::vector<std::string>& argv,
                                                  const fs::path& log) override {
    CCCI_TRY(const base::Fd output,
             base::open_path(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600));
    const std::vector<char*> words = base::exec_words(argv);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
      return base::unexpected(
          base::fail("base.exec").with("program", argv.front()).with_errno(errno));
    }
    if (pid == 0) become(words, output.get(), parent);
    return std::make_unique<RealJob>(pid);
  }
};

}  // namespace

Machine& this_machine() {
  static RealMachine machine;
  return machine;
}

}  // namespace ccci::sweep
