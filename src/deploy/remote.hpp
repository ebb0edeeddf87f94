// SPDX-License-Identifier: GPL-3.0-or-later
// Running commands on a host, each over a connection of its own: what is said after a switch must
// not depend on a connection from before it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "deploy/conversation.hpp"

namespace ccci::deploy {

class Remote {
 public:
  virtual ~Remote() = default;
  virtual const std::string& destination() const = 0;
  virtual base::Result<std::unique_ptr<Conversation>> start(
      const std::vector<std::string>& words) = 0;
  // Status 255 where there was no connection, or none any more, or it was interrupted. [base.exec]
  virtual base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                          std::chrono::seconds limit) = 0;
};

// Through the ssh of this machine, with the settings of its user; never asks for anything. Commands
// run as root: by the connection's own user, or through `sudo -n`.
class Ssh final : public Remote {
 public:
  // Asks ssh which user it would be. [deploy.destination], [deploy.ssh]
  static base::Result<Ssh> open(const std::string& destination, base::ProcessRunner& processes,
                                std::function<bool()> interrupted = {});

  const std::string& destination() const override { return destination_; }
  base::Result<std::unique_ptr<Conversation>> start(const std::vector<std::string>& words) override;
  base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                  std::chrono::seconds limit) override;

  std::vector<std::string> argv(const std::vector<std::string>& words) const;

 private:
  Ssh(std::string destination, bool root, std::function<bool()> interrupted)
      : destination_(std::move(destination)), root_(root), interrupted_(std::move(interrupted)) {}

  std::string destination_;
  bool root_;
  std::function<bool()> interrupted_;
};

inline constexpr int no_connection = 255;

}  // namespace ccci::deploy
