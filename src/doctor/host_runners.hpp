// SPDX-License-Identifier: GPL-3.0-or-later
// The runners that are installed on this host, as tables that could be declared.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ccci::doctor {

struct HostRunner {
  std::string name;  // for [runners.NAME]
  std::string kind;
  std::string unit;
  std::string program = {};  // of its ExecStart=, where the declaration must name it; else empty

  bool operator==(const HostRunner&) const = default;
};

// Found by the usual names of the kinds' units below `host`: those of packages, of administrators,
// of GitHub's svc.sh, and the instances of Debian's buildbot-worker that are enabled.
std::vector<HostRunner> host_runners(const std::filesystem::path& host = "/");

// Services that the administrator made in /etc/systemd/system and that are none of these, none of a
// timer, and no job that ends: one may be a runner of an unknown kind.
std::vector<std::string> other_services(const std::vector<HostRunner>& runners,
                                        const std::filesystem::path& host = "/");
std::string mention(const std::vector<std::string>& services);

// Each table begins with an empty line.
std::string declare_runners(const std::vector<HostRunner>& runners);

}  // namespace ccci::doctor
