// SPDX-License-Identifier: GPL-3.0-or-later
// The stops of a traced tree, one after the other. Knows nothing of how the tree was started.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "learn/filter.hpp"
#include "learn/notebook.hpp"

namespace ccci::learn {

// ptrace options for PTRACE_SEIZE. Whoever traces must live as long as the tree: with the filter in
// place and no tracer, the watched calls would fail (ENOSYS), so the tree ends with its tracer.
unsigned long trace_options();

class Tracer {
 public:
  explicit Tracer(Notebook& notebook) : notebook_(notebook) {}

  void start(pid_t first);
  // A status that waitpid gave for `process`; sets it going again.
  void stopped(pid_t process, int status);
  void ended(pid_t process) { processes_.erase(process); }

  bool empty() const { return processes_.empty(); }
  std::size_t size() const { return processes_.size(); }
  std::size_t programs() const { return programs_; }
  void kill_all() const;

 private:
  // What a process runs, shared with the threads and children that have executed nothing else.
  struct Program {
    std::string line;
    std::string by;
  };
  struct Process {
    std::shared_ptr<const Program> program;
    const WatchedCall* call = nullptr;  // between its beginning and its end
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

  Notebook& notebook_;
  std::unordered_map<pid_t, Process> processes_;
  std::size_t programs_ = 0;
};

}  // namespace ccci::learn
