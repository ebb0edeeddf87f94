// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a system object of the store: the files that a host will get.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "activate/generation.hpp"
#include "base/progress.hpp"
#include "store/store.hpp"

namespace ccci::activate {

struct SystemObject {
  store::Address address;
  std::string root;    // STATE/store/system/HASH-HOST/root
  std::string digest;  // Merkle digest, 64 hex digits
  std::string host;
  std::string environment;                   // hash
  std::map<std::string, std::string> units;  // path below systemd/ to text
  HealthRules health;

  // This system as a generation, without number, time, commit and project.
  Generation generation(const store::Store& store) const;
};

// [activate.system] if it does not have the format of host/system.hpp, [store.unknown],
// [store.meta]
base::Result<SystemObject> read_system(const store::Store& store, const store::Address& address);

// The object that a person or a program names: a path in the store, or at least four digits of its
// hash. [activate.system], [store.unknown], [store.ambiguous]
base::Result<store::Address> find_system(const store::Store& store, const std::string& name);

// All objects that the system needs to work: itself and what it needs, without packages.
base::Result<std::vector<store::Address>> closure(const store::Store& store,
                                                  const store::Address& system);

// Reads and checks every file of the objects that `system` needs and `known` does not.
// [activate.damaged]
base::Result<void> verify_new(const store::Store& store, const store::Address& system,
                              const std::optional<store::Address>& known, base::Progress& progress);

}  // namespace ccci::activate
