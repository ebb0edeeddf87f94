// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/tracer.hpp"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "learn/memory.hpp"

namespace ccci::learn {

namespace {

// glibc declares the request as an enum, and its PTRACE_GET_SYSCALL_INFO conflicts with the
// kernel's header.
long request(int what, pid_t process, std::uintptr_t address, const void* data) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): ptrace takes numbers as pointers
  return ptrace(static_cast<__ptrace_request>(what), process, reinterpret_cast<void*>(address),
                data);
}

void go_on(int how, pid_t process, int signal = 0) {
  // Errors are ignored: the process may have been killed meanwhile.
  // NOLINTNEXTLINE(performance-no-int-to-ptr): ptrace takes the signal's number as a pointer
  request(how, process, 0, reinterpret_cast<void*>(static_cast<std::uintptr_t>(signal)));
}

using CallInfo = __ptrace_syscall_info;

bool call_info(pid_t process, CallInfo& info) {
  return request(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info) > 0;
}

pid_t event_message(pid_t process) {
  unsigned long message = 0;
  if (request(PTRACE_GETEVENTMSG, process, 0, &message) != 0) return 0;
  return static_cast<pid_t>(message);
}

// The interpreter in the first line of a script; empty if `path` is not a script.
std::string interpreter_of(const std::string& path) {
  const auto file = base::open_path(path, O_RDONLY | O_NONBLOCK);
  if (!file) return {};
  std::array<char, 256> head;
  const ssize_t count = read(file->get(), head.data(), head.size());
  if (count < 3 || head[0] != '#' || head[1] != '!') return {};
  std::string_view line(head.data() + 2, static_cast<std::size_t>(count) - 2);
  line = base::trim(line.substr(0, line.find('\n')));
  line = line.substr(0, line.find_first_of(" \t"));
  return line.starts_with('/') ? std::string(line) : std::string{};
}

std::string real(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::canonical(path, ignored).string();
}

bool is_group_stop(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

}  // namespace

unsigned long trace_options() {
  return PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
         PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
}

void Tracer::start(pid_t first) { processes_[first].program = std::make_shared<const Program>(); }

// The first stop of a child may come before the parent's clone event.
Tracer::Process& Tracer::known(pid_t process) {
  Process& found = processes_[process];
  if (found.program == nullptr) {
    const auto parent = processes_.find(parent_of(process));
    found.program = parent != processes_.end() && parent->second.program != nullptr
                        ? parent->second.program
                        : std::make_shared<const Program>();
  }
  return found;
}

void Tracer::stopped(pid_t process, int status) {
  known(process);
  const int signal = WSTOPSIG(status);
  switch (static_cast<unsigned>(status) >> 16U) {
    case PTRACE_EVENT_SECCOMP:
      return call_begins(process);
    case PTRACE_EVENT_EXEC:
      executed(process);
      return go_on(PTRACE_CONT, process);
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      cloned(process);
      return go_on(PTRACE_CONT, process);
    case PTRACE_EVENT_STOP:
      // A job that was stopped (Ctrl-Z) stays stopped until it gets SIGCONT.
      return go_on(is_group_stop(signal) ? PTRACE_LISTEN : PTRACE_CONT, process);
    default:
      break;
  }
  if (signal == (SIGTRAP | 0x80)) {
    call_ends(process);
    return go_on(PTRACE_CONT, process);
  }
  go_on(PTRACE_CONT, process, signal);
}

void Tracer::call_begins(pid_t process) {
  Process& state = processes_[process];
  state.call = nullptr;
  CallInfo info{};
  if (!call_info(process, info) || info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
    return go_on(PTRACE_CONT, process);
  }
  const WatchedCall* call = watched_call(info.seccomp.nr);
  if (call == nullptr) return go_on(PTRACE_CONT, process);
  const auto& arguments = info.seccomp.args;
  const int directory =
      call->directory < 0 ? AT_FDCWD : static_cast<int>(arguments[call->directory]);
  std::string path = read_text(process, arguments[call->path]);
  // A relative path is not a search in PATH, and there are many of them.
  if (call->act == Act::lookup && !path.starts_with('/')) return go_on(PTRACE_CONT, process);
  path = resolve(process, directory, path);
  state.by_name = false;
  if (call->act == Act::exec) {
    Words words = read_words(process, arguments[call->words]);
    state.by_name = !words.first.empty() && words.first.find('/') == std::string::npos;
    state.line = std::move(words.line);
  } else if (!recorder_.wants(call->act, path, false)) {
    return go_on(PTRACE_CONT, process);
  }
  state.path = std::move(path);
  state.call = call;
  go_on(PTRACE_SYSCALL, process);
}

void Tracer::call_ends(pid_t process) {
  Process& state = processes_[process];
  const WatchedCall* call = std::exchange(state.call, nullptr);
  CallInfo info{};
  if (call == nullptr || !call_info(process, info) || info.op != PTRACE_SYSCALL_INFO_EXIT) return;
  const bool failed = info.exit.is_error != 0;
  if (call->act == Act::exec && failed) {
    // Record the command line of the failed attempt; the process still runs its old program.
    recorder_.add({Act::exec, std::move(state.path), false, state.by_name, std::move(state.line),
                   state.program->line});
  } else if (call->act != Act::exec) {
    note(state, call->act, std::move(state.path), !failed, false);
  }
}

void Tracer::executed(pid_t process) {
  // exec in a thread ends all other threads, and the thread gets the process id of the process.
  const pid_t before = event_message(process);
  if (before != 0 && before != process) {
    const auto thread = processes_.find(before);
    if (thread != processes_.end()) {
      Process moved = std::move(thread->second);
      processes_.erase(thread);
      processes_[process] = std::move(moved);
    }
  }
  Process& state = known(process);
  state.call = nullptr;
  ++programs_;
  auto program = std::make_shared<Program>();
  program->line = state.line;
  program->by = state.program->line;
  state.program = std::move(program);
  if (recorder_.wants(Act::exec, state.path, state.by_name)) {
    note(state, Act::exec, state.path, true, state.by_name);
    const std::string running = program_of(process);
    if (!running.empty() && real(state.path) != running) {
      const std::string named = interpreter_of(state.path);
      const bool same = !named.empty() && real(named) == running;
      note(state, Act::exec, same ? named : running, true, false);
    }
  }
  state.path.clear();
}

void Tracer::cloned(pid_t process) {
  const pid_t child = event_message(process);
  if (child <= 0) return;
  const auto program = processes_[process].program;
  Process& state = processes_[child];
  if (state.program == nullptr) state.program = program;
}

void Tracer::note(const Process& process, Act act, std::string path, bool found,
                  bool by_name) const {
  recorder_.add({act, std::move(path), found, by_name, process.program->line, process.program->by});
}

void Tracer::kill_all() const {
  for (const auto& [process, state] : processes_) kill(process, SIGKILL);
}

}  // namespace ccci::learn
