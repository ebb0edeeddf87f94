// SPDX-License-Identifier: GPL-3.0-or-later
// Where a path is asked and where it answers: a directory for each, below STATE/witness/.
//
//   STATE/witness/runner-drone/probe      what the job executes: sh
//   STATE/witness/runner-drone/probe
//                             …           what it is to run and to look at, a word a line
//                             answer/     made by the job; `done` in it comes last
//
// It lies below STATE and not below /run, because that is seen from inside the environment, may
// hold programs, and stays where a unit's hardening makes the rest of the file system read-only.
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
  std::int64_t expires = 0;  // seconds since 1970: whoever comes later gets no test
  uid_t uid = 0;             // whom the job runs as: the answer is made by it
  gid_t gid = 0;
};

struct Answer {
  Seen seen;
  std::string output;  // of the test, its end where it is long
};

class Desk {
 public:
  // Makes the directory. [base.mkdir], [base.open]
  static base::Result<Desk> open(const std::filesystem::path& state);

  // Puts the request of that name in the place of an earlier one. The path of its probe. [base.*]
  base::Result<std::string> ask(const Request& request);
  bool answered(const std::string& name) const;
  // Whether a job has taken the request, and as which process; 0: none, or it did not say.
  bool begun(const std::string& name) const;
  pid_t process(const std::string& name) const;
  // [witness.answer], [base.*]
  base::Result<Answer> collect(const std::string& name) const;
  // Takes the request away; good where there is none.
  base::Result<void> withdraw(const std::string& name);
  // What an earlier witness left when it was killed.
  base::Result<void> clear();

 private:
  Desk(std::filesystem::path path, base::Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  std::filesystem::path path_;
  base::Fd directory_;
};

}  // namespace ccci::witness
