// SPDX-License-Identifier: GPL-3.0-or-later
// The paths on an activated host.
//
//   /usr/local/lib/cc-ci/generations/N/  immutable once renamed into place (generations.hpp)
//   /usr/local/lib/cc-ci/current         link to generations/N: renaming it is the commit
//   /usr/local/lib/cc-ci/confirmed       the same, of the last generation that was healthy
//   /usr/local/lib/cc-ci/healthy/N       generation N was active and healthy at some time
//   /usr/local/lib/cc-ci/reserve/        disk space that a rollback on a full disk frees
//   /usr/local/lib/cc-ci/program         link to a brought cc-ci (deploy/program_place.hpp)
//   /usr/local/lib/systemd/system/X      link to …/current/systemd/X, also UNIT.d/50-cc-ci.conf
//   /etc/systemd/system/timers.target.wants/X.timer  link to /usr/local/lib/systemd/system/X.timer
//   /etc/profile.d/cc-ci.sh              link to …/current/profile.sh
//   /run/cc-ci/switch/                   the lock, and what an unfinished switch still has to do
//
// The units' directory is one for packages, not for the administrator. So `systemctl edit` and
// `systemctl revert` work, and files in /etc override ours and are kept. systemd reads units at
// boot before /var may be mounted, so generations hold copies of them on the root file system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "activate/generation.hpp"
#include "host/attachment.hpp"

namespace ccci::activate {

inline constexpr std::string_view home_directory = "/usr/local/lib/cc-ci";
inline constexpr std::string_view units_directory = "/usr/local/lib/systemd/system";
inline constexpr std::string_view wants_directory = "/etc/systemd/system/timers.target.wants";
inline constexpr std::string_view profile_file = "/etc/profile.d/cc-ci.sh";
// StateDirectory= of the timers' services (host/unit.cpp).
inline constexpr std::string_view jobs_directory = "/var/lib/cc-ci-jobs";
using host::drop_in_name;

class Layout {
 public:
  // `prefix` is the host's root: "/" except in tests. The text of a link never contains it.
  explicit Layout(std::filesystem::path prefix = "/") : prefix_(std::move(prefix)) {}

  const std::filesystem::path& prefix() const { return prefix_; }
  bool real() const { return prefix_ == "/"; }
  // Puts an absolute path of the host below the prefix.
  std::filesystem::path at(std::string_view path) const;

  std::filesystem::path home() const { return at(home_directory); }
  std::filesystem::path generations() const { return home() / "generations"; }
  std::filesystem::path generation(std::uint64_t number) const;
  std::filesystem::path run() const { return at("/run/cc-ci/switch"); }

 private:
  std::filesystem::path prefix_;
};

// Every link outside home that the generation needs: path to text. Empty for generation 0.
std::map<std::string, std::string> wanted_links(const Generation& generation);

// The working directory of a service of ours, from the unit's text; empty if the text sets none.
std::string working_directory(const Generation& generation, const std::string& text);

// Whether a link's text is a path to which only cc-ci makes links.
bool is_ours(std::string_view target);

}  // namespace ccci::activate
