// SPDX-License-Identifier: GPL-3.0-or-later
// A program next to an engine, in its process, mount and network namespaces: an ingress, a probe, a
// browser. It ends with the engine, at the latest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::engine {

// A file or directory that one program sees at another path. Both are paths in the namespaces of
// the engine. A directory `at` is made if it is missing.
struct Cover {
  std::string content;
  std::string at;
};

struct CompanionCommand {
  std::vector<std::string> argv;  // argv[0] is absolute
  std::vector<std::string> environment;
  int output = -1;            // its stdout and stderr
  std::vector<Cover> covers;  // in mounts of its own
  // Of all files it sees it can write only those below these directories; unset: whatever its user
  // can. Needs Linux 5.12.
  std::optional<std::vector<std::string>> writable = {};
  std::string directory;      // in which it begins; empty: the root directory
  std::optional<uid_t> user;  // and the group of the same number, no others; unset: root
  // Ports of 127.0.0.1 in the network of the engine's namespaces. The program has a listening
  // socket for each, as the descriptors first_door and following.
  std::vector<std::uint16_t> doors = {};
  int network = -1;  // a network namespace for the program itself, which its doors are not in
};

inline constexpr int first_door = 3;

class Companion {
 public:
  // `keeper` is the first process of the namespaces. [engine.denied]
  static base::Result<Companion> start(pid_t keeper, const std::vector<base::Fd>& groups,
                                       const CompanionCommand& command);

  bool runs() const;
  void end();  // SIGKILL

 private:
  explicit Companion(base::Fd process_fd) : process_fd_(std::move(process_fd)) {}

  base::Fd process_fd_;
};

}  // namespace ccci::engine
