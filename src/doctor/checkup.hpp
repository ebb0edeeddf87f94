// SPDX-License-Identifier: GPL-3.0-or-later
// What doctor checks on this machine. Each finding is a value: good, or with its remedy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace ccci::doctor {

struct Symptom {
  enum class State { good, bad, unknown };

  std::string what;  // "namespaces"
  State state = State::good;
  std::string found;   // a fact
  std::string remedy;  // the command to type; empty if nothing needs to be done
  // Bad, and the service cannot run, or its jobs would not be as declared: a switch refuses.
  bool prevents = false;
  std::string start_of = {};  // a unit: prevents only a switch that starts it

  bool operator==(const Symptom&) const = default;
};

// Can this caller enter an environment on this host? Asks the launcher. Without an entrypoint only
// the host is checked. With an entrypoint the whole way into its environment is checked.
Symptom check_entry(base::ProcessRunner& processes, const std::string& entrypoint = {});

// Can the state directory contain a store: hard links, modes, free space, a short enough path?
Symptom check_state_directory(const std::filesystem::path& state);

// Are apt's download methods installed, and a keyring for verification?
Symptom check_apt();

}  // namespace ccci::doctor
