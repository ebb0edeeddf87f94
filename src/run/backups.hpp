// SPDX-License-Identifier: GPL-3.0-or-later
// Backups of an app by its backupbot labels, kept by restic of the environment in a repository in
// the engine's place.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/session.hpp"

namespace ccci::run {

class Backups {
 public:
  explicit Backups(Session& session, const Deployable& app) : session_(session), app_(app) {}

  // Pre-hooks, a look at what they made, restic, post-hooks. fail: a hook failed, a path is missing
  // or empty, or restic did not complete.
  base::Result<Outcome> back_up();
  // Changes what was backed up, so that a restore that does nothing is noticed.
  base::Result<void> change();
  // Restores into the deployment that runs, and looks at the result.
  base::Result<Outcome> restore();
  // Whether pre-hooks make as much as before, on the restored app.
  base::Result<Outcome> dump_again();
  // Copies the repository to a new directory. [run.keep-backup]
  base::Result<void> keep(const std::filesystem::path& directory) const;

 private:
  struct Item {
    std::string service;
    std::string volume;  // its name in the engine
    std::string path;    // relative; empty: the whole volume
  };

  std::vector<Item> items() const;
  bool whole_volumes() const;
  base::Result<Outcome> hooks(const std::string recipe::Backup::*hook, const std::string& what);
  Outcome look();
  Outcome look_for_holes() const;
  std::function<bool()> interrupted() const;
  base::Result<Outcome> restic(std::vector<std::string> words, const std::string& what);
  static std::string inside(const Item& item);
  base::Result<engine::CompanionCommand> confined() const;
  Outcome compare() const;

  Session& session_;
  const Deployable& app_;
  std::map<std::string, Volumes::Kept> kept_;  // by VOLUME/PATH
  std::string witness_;
};

}  // namespace ccci::run
