// SPDX-License-Identifier: GPL-3.0-or-later
// Running commands on a host, each over a connection of its own: what is said after a switch must
// not depend on a connection from before it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "base/process.hpp"
#include "deploy/stream.hpp"

namespace ccci::deploy {

// A program at work, and both ends of what is said with it.
class Conversation : public Stream {
 public:
  // What it printed beside, and how it ended: as Outcome has it, `out` empty. Closes its input
  // first; where that does not end it, it is killed after a while.
  virtual base::Outcome finish() = 0;
};

// [base.exec]
base::Result<std::unique_ptr<Conversation>> converse_with(const std::vector<std::string>& argv);

class Remote {
 public:
  virtual ~Remote() = default;
  virtual base::Result<std::unique_ptr<Conversation>> start(
      const std::vector<std::string>& words) = 0;
  // Status 255 where there was no connection, or none any more. [base.exec]
  virtual base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                          std::chrono::seconds limit) = 0;
};

// Through the ssh of this machine, with the settings of its user; never asks for anything. Commands
// run as root: by the connection's own user, or through `sudo -n`.
class Ssh final : public Remote {
 public:
  // Asks ssh which user it would be. [deploy.destination], [deploy.ssh]
  static base::Result<Ssh> open(const std::string& destination, base::ProcessRunner& processes);

  base::Result<std::unique_ptr<Conversation>> start(const std::vector<std::string>& words) override;
  base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                  std::chrono::seconds limit) override;

  std::vector<std::string> argv(const std::vector<std::string>& words) const;
  bool root() const { return root_; }

 private:
  Ssh(std::string destination, bool root, base::ProcessRunner& processes)
      : destination_(std::move(destination)), root_(root), processes_(&processes) {}

  std::string destination_;
  bool root_;
  base::ProcessRunner* processes_;
};

inline constexpr int no_connection = 255;

}  // namespace ccci::deploy
