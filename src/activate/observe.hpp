// SPDX-License-Identifier: GPL-3.0-or-later
// The current state of a host: the links that cc-ci made, the state of its units, and what an
// unfinished switch still has to do. A plan is made only from this, not from saved state.
//
// A reboot deletes /run/cc-ci/switch/. This is correct: then systemd reads and starts everything
// from `current`.
//   pending        a switch has begun; the text is the number of its target generation
//   restart/UNIT   UNIT still runs with its old text: "INVOCATION SHA256\n"
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "activate/systemd.hpp"

namespace ccci::activate {

inline constexpr std::uint64_t largest_mountinfo = 64U << 20U;  // bytes of /proc/…/mountinfo

// The digest of the text with which a running service was started ("" for none).
struct StartedWith {
  std::string invocation;
  std::string digest;

  bool operator==(const StartedWith&) const = default;
};

struct Observed {
  std::uint64_t current = 0;
  bool lost = false;  // the link `current` exists but is broken
  std::uint64_t confirmed = 0;
  bool pending = false;
  std::map<std::string, std::string> links;    // our links: path to text
  std::set<std::string> foreign;               // paths of wanted links where a foreign file is
  std::set<std::string> settled;               // timers that the administrator has enabled
  std::map<std::string, UnitState> units;      // by name; of both generations
  std::map<std::string, StartedWith> waiting;  // units that still need a restart
  std::map<std::string, std::string> inside;   // a runner's unit to the environment it runs in

  const UnitState* unit(const std::string& name) const;
};

// Observes the units and links of the two generations. [activate.systemctl], [base.open]
base::Result<Observed> observe(const Generations& generations, Systemd& systemd,
                               const Generation& from, const Generation& to);

// All links to cc-ci's files in the directories where cc-ci makes links, wanted or not. [base.open]
// if a directory is there and cannot be read.
base::Result<std::map<std::string, std::string>> our_links(const Layout& layout);

// The hash of the environment whose /usr is mounted, by this mountinfo; empty if it is the host's
// own /usr. The process's variables are not used, because daemons overwrite them.
std::string environment_in(std::string_view mountinfo);
// Returns nothing if the process no longer exists, or is still a child of systemd before its
// execve: such a process is named "(program)".
std::optional<std::string> environment_of_process(int pid,
                                                  const std::filesystem::path& proc = "/proc");
// "environment 745c1fd417ff", "the host's own /usr"
std::string home_of(const std::string& environment);

}  // namespace ccci::activate
