// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/method_watch.hpp"

#include <signal.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/threads.hpp"

namespace ccci::source::debian {

namespace {

namespace fs = std::filesystem;

// proc(5). A child that has ended keeps its number until libapt has waited for it, so no other
// process can have it.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code error;
  for (const fs::directory_entry& task : fs::directory_iterator("/proc/self/task", error)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) found.push_back(child);
  }
  return found;
}

void end_methods(const fs::path& methods) {
  for (const pid_t child : children()) {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/" + std::to_string(child) + "/exe", error);
    if (!error && program.parent_path() == methods) kill(child, SIGKILL);
  }
}

}  // namespace

MethodWatch::MethodWatch(fs::path methods, std::chrono::milliseconds patience)
    : methods_(std::move(methods)), patience_(patience) {
  std::error_code error;
  const fs::path real = fs::canonical(methods_, error);
  if (!error) methods_ = real;
  thread_ = base::start_thread([this] { watch(); });
}

MethodWatch::~MethodWatch() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_) thread_->join();
}

void MethodWatch::beat() {
  {
    const std::lock_guard lock(mutex_);
    ++beats_;
  }
  changed_.notify_all();
}

void MethodWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    const unsigned seen = beats_;
    const bool lives = changed_.wait_for(lock, patience_, [&] { return ended_ || beats_ != seen; });
    if (!lives) end_methods(methods_);
  }
}

}  // namespace ccci::source::debian
