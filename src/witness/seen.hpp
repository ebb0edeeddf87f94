// SPDX-License-Identifier: GPL-3.0-or-later
// What a job saw, as its probe wrote it down.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::witness {

// Where the job stands by itself: in a unit, in a login shell, in a runner's step.
struct Outside {
  std::string environment;                      // CC_CI_ENVIRONMENT; empty: not set
  std::string path;                             // PATH
  std::map<std::string, std::string> commands;  // found on PATH: name to file
  // The same with every link followed, on the host. Not by the probe: where readlink is a declared
  // tool it stands in the environment and sees another /usr.
  std::map<std::string, std::string> programs;

  bool operator==(const Outside&) const = default;
};

// What the entrypoint shows, called from that job.
struct Inside {
  std::string environment;
  std::string marker;  // of the root that the job stands in
  std::string path;
  std::map<std::string, std::string> commands;  // every command of every declared tool
  std::map<std::string, std::string> versions;  // one command of each tool: first line of --version
  std::map<std::string, std::string> variables;

  bool operator==(const Inside&) const = default;
};

struct Seen {
  int status = 0;  // of the test
  Outside outside;
  Inside inside;

  bool operator==(const Seen&) const = default;
};

// `status`, `outside` and `inside` are the files of an answer. [witness.answer] where one is not
// what the probe writes: whoever may write there may write anything.
base::Result<Seen> read_answer(std::string_view status, std::string_view outside,
                               std::string_view inside);

}  // namespace ccci::witness
