// SPDX-License-Identifier: GPL-3.0-or-later
// The jobs in this host's crontabs. A job there does not run in the environment unless its command
// enters it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/checkup.hpp"

namespace ccci::doctor {

struct CronJob {
  std::string place;  // "/etc/cron.d/nightly:3"
  std::string user;
  std::string schedule;  // "0 3 * * 0", "@daily"
  std::string command;
  std::string shell = {};                   // SHELL= before the line; empty: cron's own, /bin/sh
  std::vector<std::string> variables = {};  // names of the other variables before the line

  bool operator==(const CronJob&) const = default;
  bool is_inside() const;  // the command enters an environment
};

// The jobs in the text of a crontab(5). `user` is the owner of a user's crontab; empty: each line
// names its user. Lines of Debian's own /etc/crontab, which run /etc/cron.daily and the like, are
// left out.
std::vector<CronJob> read_crontab(std::string_view text, const std::string& path,
                                  const std::string& user);

// Of /etc/crontab, /etc/cron.d and the users' crontabs. Files that a Debian package owns are left
// out. Files are read below `host`.
std::vector<CronJob> cron_jobs(const std::filesystem::path& host = "/");

// A finding for each directory of crontabs that cannot be read: its jobs are not known.
std::vector<Symptom> unread_crontabs(const std::filesystem::path& host = "/");

// A finding for each job that does not run in an environment, at most ten.
std::vector<Symptom> check_cron(const std::vector<CronJob>& jobs);

}  // namespace ccci::doctor
