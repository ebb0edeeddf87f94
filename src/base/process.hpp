// SPDX-License-Identifier: GPL-3.0-or-later
// Runs another program and waits for it. No shell is used: argv is a list.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::base {

// The PATH of a process that inherits none: what Debian's login gives root.
inline constexpr const char* standard_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH unless it has a slash
  std::optional<std::vector<std::string>> environment;  // NAME=value; unset: the caller's own
  std::string directory;                                // empty: the caller's own
  std::string input;                                    // fed to stdin; empty: /dev/null
  bool capture = true;                                  // false: stdout and stderr are the caller's
  std::uint64_t output_limit = 16U << 20U;              // bytes kept of each stream; the rest is
                                                        // read and dropped, `truncated` says so
  std::optional<std::chrono::milliseconds> time_limit;  // then SIGKILL to its process group
};

struct Outcome {
  int status = 0;  // exit status, or 128 + signal
  std::string out;
  std::string err;
  bool truncated = false;
  bool timed_out = false;
};

class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // [base.exec] if the program could not be started.
  virtual Result<Outcome> run(const Command& command) = 0;
};
ProcessRunner& real_processes();

}  // namespace ccci::base
