// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/trace.hpp"

#include <grp.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/child.hpp"
#include "learn/filter.hpp"
#include "learn/recorder.hpp"
#include "learn/tracer.hpp"

namespace ccci::learn {

namespace {

base::Result<base::Pipe> new_pipe() {
  base::Pipe pipe = base::make_pipe();
  if (!pipe) return base::unexpected(base::fail("learn.trace").with_errno(errno));
  return pipe;
}

// Why the child could not execute the command.
struct Failure {
  enum class Step : int { filter, identity, exec };
  Step step = Step::exec;
  int error = 0;
};

// Blocks the signals that ask this process to end, and waits for them instead: they are meant for
// the command, and the report is printed after the command has ended.
class Signals {
 public:
  Signals() {
    sigemptyset(&waited_);
    for (const int signal : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
      sigaddset(&waited_, signal);
    }
    // If the parent ignored SIGCHLD, this process would get no signal for stops.
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &standard, nullptr);
    pthread_sigmask(SIG_BLOCK, &waited_, &before_);
  }
  ~Signals() {
    const timespec at_once{};
    while (sigtimedwait(&waited_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int wait(siginfo_t& info) const { return sigwaitinfo(&waited_, &info); }
  void restore_in_child() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t waited_{};
  sigset_t before_{};
};

// 0, or errno.
int take_identity(const Run& run) {
  if (!run.directory.empty() && chdir(run.directory.c_str()) != 0) return errno;
  if (!run.identity) return 0;
  const Identity& who = *run.identity;
  if (setgroups(who.groups.size(), who.groups.data()) != 0) return errno;
  if (setresgid(who.gid, who.gid, who.gid) != 0) return errno;
  return setresuid(who.uid, who.uid, who.uid) == 0 ? 0 : errno;
}

[[noreturn]] void become(const Run& run, char** words, char** variables, const Signals& signals,
                         const base::Pipe& go, const base::Pipe& told) {
  // Wait for the tracer: without it, the filter would make the observed calls fail.
  char word = 0;
  if (read(go.read.get(), &word, 1) != 1) _exit(127);
  if (run.output_to_stderr) dup2(STDERR_FILENO, STDOUT_FILENO);
  if (run.before_exec != nullptr) run.before_exec();
  signals.restore_in_child();
  // The filter first: with the user's rights the kernel would want no_new_privs.
  Failure failure{Failure::Step::filter, install_filter()};
  if (failure.error == 0) failure = {Failure::Step::identity, take_identity(run)};
  if (failure.error == 0) {
    if (variables != nullptr) environ = variables;
    execvp(words[0], words);
    failure = {Failure::Step::exec, errno};
  }
  [[maybe_unused]] const ssize_t count = write(told.write.get(), &failure, sizeof failure);
  _exit(127);
}

class Tree {
 public:
  Tree(pid_t first, const Run& run, const Signals& signals, Recorder& recorder)
      : first_(first), run_(run), signals_(signals), tracer_(recorder) {
    tracer_.start(first);
  }

  void follow() {
    while (drain()) {
      siginfo_t info{};
      const int signal = signals_.wait(info);
      if (signal <= 0 || signal == SIGCHLD) continue;
      if (ended_) {
        tracer_.kill_all();
      } else if (info.si_code <= 0) {
        // Only signals that a process sent: the terminal sends its signals to the command too.
        kill(first_, signal);
      }
    }
  }

  int status() const { return status_; }
  std::size_t programs() const { return tracer_.programs(); }

 private:
  // Handles all pending stops. False if the tree has ended.
  bool drain() {
    for (;;) {
      int status = 0;
      const pid_t process = waitpid(-1, &status, __WALL | WNOHANG);
      if (process == 0) return true;
      if (process < 0) return errno == EINTR;
      if (WIFSTOPPED(status)) {
        tracer_.stopped(process, status);
        continue;
      }
      tracer_.ended(process);
      if (process != first_) continue;
      ended_ = true;
      status_ = base::exit_status(status);
      if (!tracer_.empty() && run_.left_behind != nullptr) run_.left_behind(tracer_.size());
    }
  }

  pid_t first_;
  const Run& run_;
  const Signals& signals_;
  Tracer tracer_;
  bool ended_ = false;
  int status_ = 0;
};

base::Error refused(int error) { return base::fail("learn.trace").with_errno(error); }

}  // namespace

base::Result<Trace> trace(const Run& run) {
  std::vector<char*> words = base::exec_words(run.words);
  std::vector<char*> variables;
  if (run.environment) variables = base::exec_words(*run.environment);
  CCCI_TRY(base::Pipe go, new_pipe());
  CCCI_TRY(base::Pipe told, new_pipe());
  const Signals signals;
  const pid_t child = fork();
  if (child < 0) return base::unexpected(refused(errno));
  if (child == 0) {
    go.write.reset();
    become(run, words.data(), run.environment ? variables.data() : nullptr, signals, go, told);
  }
  told.write.reset();
  if (ptrace(PTRACE_SEIZE, child, nullptr, trace_options()) != 0) {
    const int error = errno;
    kill(child, SIGKILL);
    waitpid(child, nullptr, __WALL);
    return base::unexpected(refused(error));
  }
  [[maybe_unused]] const ssize_t sent = write(go.write.get(), "g", 1);
  Recorder recorder(run.path_directories);
  Tree tree(child, run, signals, recorder);
  tree.follow();
  Failure failure;
  if (read(told.read.get(), &failure, sizeof failure) == sizeof failure) {
    if (failure.step == Failure::Step::filter) return base::unexpected(refused(failure.error));
    return base::unexpected(
        base::fail("learn.start").with("command", run.words.front()).with_errno(failure.error));
  }
  Trace result;
  result.status = tree.status();
  result.programs = tree.programs();
  result.truncated = recorder.truncated();
  result.seen = recorder.take();
  return result;
}

}  // namespace ccci::learn
