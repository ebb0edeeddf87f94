// SPDX-License-Identifier: GPL-3.0-or-later
// Runs commands on a host, each over a new connection. An answer after a switch must not depend on
// a connection that was made before it.
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
  virtual bool is_here() const { return false; }  // this program is on that machine
  virtual base::Result<std::unique_ptr<Conversation>> start(
      const std::vector<std::string>& words) = 0;
  // Returns status 255 if no connection was made, if it was lost, or after an interruption.
  // [base.exec]
  virtual base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                          std::chrono::seconds limit) = 0;
};

// Uses this machine's ssh with the settings of its user. It never prompts. Commands run as root:
// either the user of the connection is root, or they run through `sudo -n`. The host decides this
// itself: `ssh -G` would be one more process here for each host, and cannot know it.
class Ssh final : public Remote {
 public:
  // [deploy.destination]
  static base::Result<Ssh> open(const std::string& destination,
                                std::function<bool()> interrupted = {});

  const std::string& destination() const override { return destination_; }
  base::Result<std::unique_ptr<Conversation>> start(const std::vector<std::string>& words) override;
  base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                  std::chrono::seconds limit) override;

  std::vector<std::string> argv(const std::vector<std::string>& words) const;

 private:
  Ssh(std::string destination, std::function<bool()> interrupted)
      : destination_(std::move(destination)), interrupted_(std::move(interrupted)) {}

  std::string destination_;
  std::function<bool()> interrupted_;
};

// This machine, which needs no connection to itself. Root runs the commands directly, other users
// through `sudo -n`. `cc-ci` is this program.
class Here final : public Remote {
 public:
  explicit Here(std::function<bool()> interrupted = {}) : interrupted_(std::move(interrupted)) {}

  const std::string& destination() const override { return destination_; }
  bool is_here() const override { return true; }
  base::Result<std::unique_ptr<Conversation>> start(const std::vector<std::string>& words) override;
  base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                  std::chrono::seconds limit) override;

  static std::vector<std::string> argv(const std::vector<std::string>& words);

 private:
  std::string destination_ = "this machine";
  std::function<bool()> interrupted_;
};

// Reads what the program prints until it ends. Returns status 255 if the connection was given up.
base::Outcome listen_to_end(Conversation& talk);

inline constexpr int no_connection = 255;

}  // namespace ccci::deploy
