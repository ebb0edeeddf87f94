// SPDX-License-Identifier: GPL-3.0-or-later
// libapt-pkg waits without a limit for a download process (an acquire method) that was started
// badly, e.g. because a pipe could not be put in place: then the process waits for libapt too.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

namespace ccci::source::debian {

// Ends the processes of libapt if beat() was not called for `patience`. libapt then reports that
// they died. Without a thread (a limit of the system) nothing is watched.
class MethodWatch {
 public:
  // Of this process's children, only programs in the directory `methods` are ended.
  MethodWatch(std::filesystem::path methods, std::chrono::milliseconds patience);
  ~MethodWatch();
  MethodWatch(const MethodWatch&) = delete;
  MethodWatch& operator=(const MethodWatch&) = delete;

  void beat();

 private:
  void watch();

  std::filesystem::path methods_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned beats_ = 0;
  bool ended_ = false;
  std::optional<std::thread> thread_;  // last, because it uses the other members
};

}  // namespace ccci::source::debian
