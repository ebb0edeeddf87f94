// SPDX-License-Identifier: GPL-3.0-or-later
// A host as it is found: the links that cc-ci made, what its units are doing, and what a switch
// that did not end has left to do. A plan is made from this and from nothing remembered.
//
// /run/cc-ci/switch/ forgets at a reboot, which is right: systemd then reads and starts everything
// from `current`.
//   pending        a switch has begun to change things; its text is the generation it goes to
//   restart/UNIT   UNIT runs on the text that stood before: "INVOCATION SHA256\n"
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

inline constexpr std::uint64_t largest_mountinfo = 64U << 20U;  // bytes read of /proc/…/mountinfo

// The text that a running service was started with, by digest ("" for none).
struct StartedWith {
  std::string invocation;
  std::string digest;

  bool operator==(const StartedWith&) const = default;
};

struct Observed {
  std::uint64_t current = 0;
  bool lost = false;  // the link `current` is there and leads to no generation
  std::uint64_t confirmed = 0;
  bool pending = false;
  std::map<std::string, std::string> links;    // ours, by path: the text
  std::set<std::string> foreign;               // where a link is wanted, something else stands
  std::set<std::string> settled;               // a timer that the administrator has enabled
  std::map<std::string, UnitState> units;      // by name; of both generations
  std::map<std::string, StartedWith> waiting;  // units that must still be restarted
  std::map<std::string, std::string> inside;   // runner's unit to the environment it runs in

  const UnitState* unit(const std::string& name) const;
};

// Looks at what the two generations name. [activate.systemctl], [activate.current]
base::Result<Observed> observe(const Generations& generations, Systemd& systemd,
                               const Generation& from, const Generation& to);

// The links below the places where cc-ci makes any that lead to it, wanted or not.
std::map<std::string, std::string> our_links(const Layout& layout);

// Whose /usr the mount namespace with this mountinfo sees: an environment's hash, or nothing for
// the host's own. What a process says in its variables is not asked: daemons write over them.
std::string environment_in(std::string_view mountinfo);
// Nothing where the process is gone, or is still systemd's own child on the way to its program:
// that one is called "(program)".
std::optional<std::string> environment_of_process(int pid,
                                                  const std::filesystem::path& proc = "/proc");
// "environment 745c1fd417ff", "the host's own /usr"
std::string home_of(const std::string& environment);

}  // namespace ccci::activate
