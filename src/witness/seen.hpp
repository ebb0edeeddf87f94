// SPDX-License-Identifier: GPL-3.0-or-later
// What a job saw, as its probe recorded it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "witness/view.hpp"

namespace ccci::witness {

// What the job itself sees, without an entrypoint: in a unit, a login shell or a runner's step.
struct Outside {
  std::string environment;                      // CC_CI_ENVIRONMENT; empty: not set
  std::string path;                             // PATH
  std::map<std::string, std::string> commands;  // found on PATH: name to file
  // The same with every link followed. The witness does this on the host, not the probe: if
  // readlink is a declared tool, it runs in the environment and sees another /usr.
  std::map<std::string, std::string> programs;
  View view = {};

  bool operator==(const Outside&) const = default;
};

// What the job sees inside the environment when it calls the entrypoint.
struct Inside {
  std::string environment;
  std::string marker;  // of the root in which the job runs
  std::string path;
  std::map<std::string, std::string> commands;  // every command of every declared tool
  std::map<std::string, std::string> versions;  // command of a tool: first line of its --version
  std::map<std::string, std::string> variables;
  View view = {};

  bool operator==(const Inside&) const = default;
};

struct Seen {
  int status = 0;  // of the test
  Outside outside;
  Inside inside;

  bool operator==(const Seen&) const = default;
};

// `status`, `outside` and `inside` are the files of an answer. Fails with [witness.answer] if one
// has not the form that the probe writes. The files are untrusted, because the job's user can write
// anything there.
base::Result<Seen> read_answer(std::string_view status, std::string_view outside,
                               std::string_view inside);

}  // namespace ccci::witness
