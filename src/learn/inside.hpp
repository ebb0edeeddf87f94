// SPDX-License-Identifier: GPL-3.0-or-later
// What the environment offers as it is declared now.
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
  // Where the environment is built or its packages are in the store: each command on PATH and the
  // tool that brings it ("essential" for what every Debian system has).
  std::optional<std::map<std::string, std::string, std::less<>>> commands;
  // Otherwise packages stand in for their commands: package -> tool.
  std::map<std::string, std::string, std::less<>> exposing;
  // Commands named like a virtual package that an Essential one asks for: awk.
  std::set<std::string, std::less<>> standing_in;
  std::set<std::string> closure;  // every package of the root

  // The tool behind the command, or an empty string where the environment does not offer it.
  std::string tool_of(std::string_view command, std::string_view owner) const;
};

Inside inside_of(const environment::Environment& environment, const lock::Lock& lock);
// Without an environment: by the lock, or else by what the same packages are on this machine.
Inside inside_of(const declare::Declaration& declaration, const lock::Lock& lock);
Inside inside_of(const declare::Declaration& declaration, const HostPackages& host);

}  // namespace ccci::learn
