// SPDX-License-Identifier: GPL-3.0-or-later
// A system object of the store, read back: what a host is to get.
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

  // As a generation: everything but number, time, commit, project.
  Generation generation(const store::Store& store) const;
};

// [activate.system] where it is not what host/system.hpp writes, [store.unknown], [store.meta]
base::Result<SystemObject> read_system(const store::Store& store, const store::Address& address);

// The object that a person or a program names: a path in the store, or at least four digits of its
// hash. [activate.system], [store.unknown], [store.ambiguous]
base::Result<store::Address> find_system(const store::Store& store, const std::string& name);

// Everything that must be there for it to work: itself and what it needs, packages left out.
base::Result<std::vector<store::Address>> closure(const store::Store& store,
                                                  const store::Address& system);

// Reads every file of what `system` needs and `known` does not. [activate.damaged]
base::Result<void> verify_new(const store::Store& store, const store::Address& system,
                              const std::optional<store::Address>& known, base::Progress& progress);

}  // namespace ccci::activate
