// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs that this host runs outside of cc-ci, as timers that could be declared: from crontabs and
// from the administrator's own timers of systemd.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "doctor/cron_checkup.hpp"
#include "doctor/host_runners.hpp"

namespace ccci::doctor {

struct HostJob {
  std::string name;      // for [timers.NAME]; unique among the jobs
  std::string place;     // "/etc/cron.d/nightly:3", "/etc/systemd/system/nightly.timer"
  std::string schedule;  // a calendar expression; empty: see `notes`
  std::string user;      // empty: root
  std::string directory;
  std::vector<std::string> command;            // words; never a shell line in one word
  std::vector<std::string> environment_files;  // absolute paths, after '-' if they may be absent
  std::vector<std::string> notes;              // what has to be decided by hand
  bool complete = true;                        // false: it would be wrong as it is

  bool operator==(const HostJob&) const = default;
};

// A command of a crontab as words: `cd DIR && …` becomes the directory, a redirection to a file is
// left out with a note, and what only a shell understands is given to `sh -c`.
HostJob job_of(const CronJob& cron);

// The timers in /etc/systemd/system below `host`, with their services. Links are not followed:
// those of cc-ci and of packages are links.
std::vector<HostJob> unit_jobs(const std::filesystem::path& host = "/");

// All of both. Jobs that enter an environment already are left out.
std::vector<HostJob> host_jobs(const std::filesystem::path& host = "/");

// The jobs and runners as tables that follow declare::starter(), which has the entrypoint ci-run;
// for a host of this name.
std::string declare_host(const std::vector<HostJob>& jobs, const std::vector<HostRunner>& runners,
                         const std::string& machine);

}  // namespace ccci::doctor
