// SPDX-License-Identifier: GPL-3.0-or-later
// What doctor looks at on this machine: each finding is a value, good or with its remedy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace ccci::host {

struct Symptom {
  enum class State { good, bad, unknown };

  std::string what;  // "namespaces"
  State state = State::good;
  std::string found;   // a fact
  std::string remedy;  // what to type; empty where nothing is to be done

  bool operator==(const Symptom&) const = default;
};

// Can an environment be entered here, by this caller? Asks the launcher: of the host alone, or with
// an entrypoint of the whole way into its environment.
Symptom check_entry(base::ProcessRunner& processes, const std::string& entrypoint = {});

// Can the state directory hold a store: hard links, modes, room, a short enough path?
Symptom check_state_directory(const std::filesystem::path& state);

// Are apt's download methods there, and a keyring to verify with?
Symptom check_apt();

}  // namespace ccci::host
