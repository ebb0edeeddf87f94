// SPDX-License-Identifier: GPL-3.0-or-later
// What the environment offers according to the present declaration.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "learn/host_packages.hpp"
#include "lock/lock.hpp"

namespace ccci::learn {

inline constexpr const char* essential_tool = "essential";

struct Inside {
  // Each command on PATH and its tool; the tool is "essential" for Debian's essential packages.
  // Only known if the environment is built or its packages are in the store.
  std::optional<std::map<std::string, std::string, std::less<>>> commands;
  // Used if `commands` is unknown: the packages that expose commands, package -> tool.
  std::map<std::string, std::string, std::less<>> exposing;
  // Commands with the name of a virtual package that an Essential package depends on: awk.
  std::set<std::string, std::less<>> standing_in;
  std::set<std::string> closure;  // every package of the environment

  // The tool that exposes the command, or an empty string if the environment does not have it on
  // PATH.
  std::string tool_of(std::string_view command, std::string_view owner) const;
};

Inside inside_of(const environment::Environment& environment, const lock::Lock& lock);
// Without an environment: from the lock or, without a lock, from the same packages on this machine.
Inside inside_of(const declare::Declaration& declaration, const lock::Lock& lock);
Inside inside_of(const declare::Declaration& declaration, const HostPackages& host);

}  // namespace ccci::learn
