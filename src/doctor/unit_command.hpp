// SPDX-License-Identifier: GPL-3.0-or-later
// What a service of systemd executes, so that somebody else can execute the same: words, user,
// directory and variables.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "doctor/runner_observation.hpp"

namespace ccci::doctor {

struct UnitCommand {
  std::vector<std::string> words;
  std::string user;  // empty: root
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};
  std::string directory;                         // absolute
  std::map<std::string, std::string> variables;  // all of them

  std::vector<std::string> environment() const;  // NAME=value
};

// The one ExecStart= of the service. Files of variables are read below `host`; accounts are those
// of this machine. [doctor.unit-missing], [doctor.unit-command], [doctor.unit-user]
base::Result<UnitCommand> unit_command(const ObservedUnit& unit,
                                       const std::filesystem::path& host = "/");

}  // namespace ccci::doctor
