// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the data of canonical releases in a restic repository that outlives the runs.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/process.hpp"
#include "base/result.hpp"
#include "history/record.hpp"
#include "sweep/machine.hpp"

namespace ccci::sweep {

class Snapshots {
 public:
  virtual ~Snapshots() = default;
  // Keeps what a run left in `backup`, a restic repository. Returns the snapshot's id; empty if the
  // run made no backup. May be repeated. [sweep.snapshots]
  virtual base::Result<std::string> take(const history::Record& record,
                                         const std::filesystem::path& backup) = 0;
};

// The password of the repositories that runs leave. They go with the files of the run.
inline constexpr const char* backup_password = "cc-ci";
// Where `cc-ci test --keep-backup` leaves one, in the directory of the run's files.
inline constexpr const char* backup_name = "backup";

class ResticSnapshots final : public Snapshots {
 public:
  struct Setup {
    std::string repository;
    std::string password_file;        // of snapshots_password()
    std::vector<std::string> restic;  // the command, in the environment
    std::string name;                 // of this machine
  };
  ResticSnapshots(Setup setup, base::ProcessRunner& processes, Machine& machine)
      : setup_(std::move(setup)), processes_(processes), machine_(machine) {}

  // First of all calls. Makes the repository unless it is there, and for a new one also the file of
  // the password if it does not exist. [sweep.snapshots], [sweep.snapshots-lost] if the repository
  // is there and the file is not, [base.*]
  base::Result<void> open();
  base::Result<std::string> take(const history::Record& record,
                                 const std::filesystem::path& backup) override;
  // Forgets what this machine took more than a day ago and no canonical names: the data of older
  // releases, and what a killed sweep left. [sweep.snapshots]
  base::Result<void> tidy(const std::map<std::string, history::Canonical>& canonicals,
                          base::WallTime now);

 private:
  struct Place {
    std::string repository;
    std::string password;
  };
  base::Result<std::string> call(const Place& place, const std::vector<std::string>& words);
  base::Result<void> open_without_password();
  base::Result<void> make_password(const std::filesystem::path& pending);
  base::Result<void> keep_password();
  base::Result<void> refuse(const std::string& useless) const;

  Setup setup_;
  std::string password_;
  base::ProcessRunner& processes_;
  Machine& machine_;
};

// The file with the password of the repository: `file`, or STATE/snapshots.password without a name.
// Only the latter need not exist: open() makes it with a new repository. [sweep.snapshots-password]
base::Result<std::string> snapshots_password(const std::string& file,
                                             const std::filesystem::path& state);

}  // namespace ccci::sweep
