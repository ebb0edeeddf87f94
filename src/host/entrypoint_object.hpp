// SPDX-License-Identifier: GPL-3.0-or-later
// The launcher and the entrypoints as objects of the store. The launcher lies in the store and not
// beside cc-ci, because inside an environment /usr is another: a nested entry must find it too, and
// every host must name it by the same path.
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
  std::string path;    // of the file that one executes
  std::string digest;  // SHA-256 of its bytes, 64 hex digits

  bool operator==(const EntrypointObject&) const = default;
};

// Where cc-ci-enter was installed: beside this program or in ../lib/cc-ci. [host.no-launcher]
base::Result<std::filesystem::path> find_launcher();

// The launcher's object and the path of the program in it. Writes nothing. [base.open]
struct PlannedLauncher {
  std::string path;
  PlannedObject planned;
};
base::Result<PlannedLauncher> plan_launcher(const store::Store& store,
                                            const std::filesystem::path& from);

// Writes nothing. [host.entrypoint] where the launcher or the kernel could not run such a file.
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
