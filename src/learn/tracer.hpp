// SPDX-License-Identifier: GPL-3.0-or-later
// Handles the ptrace stops of a process tree. It does not start the tree.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "learn/filter.hpp"
#include "learn/recorder.hpp"

namespace ccci::learn {

// The options for PTRACE_SEIZE. The tree is killed if its tracer ends: with the filter and without
// a tracer, the observed calls would fail with ENOSYS.
unsigned long trace_options();

class Tracer {
 public:
  explicit Tracer(Recorder& recorder) : recorder_(recorder) {}

  void start(pid_t first);
  // Handles a status that waitpid returned for `process`, and continues the process.
  void stopped(pid_t process, int status);
  void ended(pid_t process) { processes_.erase(process); }

  bool empty() const { return processes_.empty(); }
  std::size_t size() const { return processes_.size(); }
  std::size_t programs() const { return programs_; }
  void kill_all() const;

 private:
  // What a process runs; threads and children share it until they execute something else.
  struct Program {
    std::string line;
    std::string by;
  };
  struct Process {
    std::shared_ptr<const Program> program;
    const WatchedCall* call = nullptr;  // set between the start and the end of a call
    std::string path;
    std::string line;
    bool by_name = false;
  };

  Process& known(pid_t process);
  void call_begins(pid_t process);
  void call_ends(pid_t process);
  void executed(pid_t process);
  void cloned(pid_t process);
  void note(const Process& process, Act act, std::string path, bool found, bool by_name) const;

  Recorder& recorder_;
  std::unordered_map<pid_t, Process> processes_;
  std::size_t programs_ = 0;
};

}  // namespace ccci::learn
