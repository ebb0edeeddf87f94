// SPDX-License-Identifier: GPL-3.0-or-later
// The requests to the paths and their answers: one directory per path, below STATE/witness/.
//
//   STATE/witness/runner-drone/probe      what the job executes: sh
//   STATE/witness/runner-drone/probe
//                             …           what the job must run and look at, one word per line
//                             answer/     made by the job; the file `done` is made last
//
// The directory is below STATE and not below /run. STATE is visible inside the environment, may
// contain programs, and is there even if a unit's hardening makes the other file systems read-only.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "witness/seen.hpp"

namespace ccci::witness {

struct Request {
  std::string name;               // Path::request()
  std::vector<std::string> test;  // argv; the first is the path of an entrypoint
  std::string directory;          // where the test runs
  std::string inside;             // the entrypoint that runs any command
  std::vector<std::string> tools;
  std::vector<std::string> commands;
  std::vector<std::string> variables;
  std::int64_t expires = 0;  // seconds since 1970; a job that starts later gets no test
  uid_t uid = 0;             // the job's user, who writes the answer
  gid_t gid = 0;
};

struct Answer {
  Seen seen;
  std::string output;  // of the test; only the end if it is long
};

class RequestQueue {
 public:
  // Makes the directory. [base.mkdir], [base.open]
  static base::Result<RequestQueue> open(const std::filesystem::path& state);

  // Writes the request, replacing an earlier one of the same name. Returns the path of its probe.
  // [base.*]
  base::Result<std::string> ask(const Request& request);
  bool answered(const std::string& name) const;
  // begun(): a job has taken the request. process(): the job's PID; 0 if no job has taken the
  // request or its PID is not recorded.
  bool begun(const std::string& name) const;
  pid_t process(const std::string& name) const;
  // [witness.answer], [base.*]
  base::Result<Answer> collect(const std::string& name) const;
  // Removes the request. It is not an error if there is none.
  base::Result<void> withdraw(const std::string& name);
  // Removes what an earlier witness left when it was killed.
  base::Result<void> clear();

 private:
  RequestQueue(std::filesystem::path path, base::Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  std::filesystem::path path_;
  base::Fd directory_;
};

}  // namespace ccci::witness
