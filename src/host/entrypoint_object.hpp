// SPDX-License-Identifier: GPL-3.0-or-later
// The launcher and the entrypoints as objects of the store. The launcher is in the store and not
// next to cc-ci, because an environment has a different /usr. A nested entry must find the launcher
// too, and its path must be the same on every host.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "environment/environment.hpp"
#include "host/small_object.hpp"
#include "store/store.hpp"

namespace ccci::host {

struct EntrypointObject {
  std::string name;
  store::Address address;
  std::string path;    // of the executable file
  std::string digest;  // SHA-256 of its bytes, 64 hex digits

  bool operator==(const EntrypointObject&) const = default;
};

// Where cc-ci-enter is installed: next to this program or in ../lib/cc-ci. [host.no-launcher]
base::Result<std::filesystem::path> find_launcher();

// The launcher's object and the path of the launcher in it. Writes nothing. [base.open]
struct PlannedLauncher {
  std::string path;
  PlannedObject planned;
};
base::Result<PlannedLauncher> plan_launcher(const store::Store& store,
                                            const std::filesystem::path& from);

// Writes nothing. [host.entrypoint] if the launcher or the kernel could not run such a file.
struct PlannedEntrypoint {
  EntrypointObject entrypoint;
  PlannedObject planned;
};
base::Result<PlannedEntrypoint> plan_entrypoint(const store::Store& store,
                                                const std::string& launcher,
                                                const environment::Environment& environment,
                                                const std::string& name,
                                                const std::vector<std::string>& exec);

}  // namespace ccci::host
