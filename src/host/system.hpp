// SPDX-License-Identifier: GPL-3.0-or-later
// What one host gets, as an object:
//
//   root/bin/        links: every command of the shared tools and every entrypoint to the one
//                    shared entrypoint, every command of the host's extra tools to the host's own
//   root/systemd/    the units of its timers, and a drop-in for each runner whose unit is known
//                    (files that a drop-in mounts over the host's are objects of their own, since
//                    the drop-in names them by their path)
//   root/system.json what it was made from
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/entrypoint_object.hpp"
#include "host/small_object.hpp"
#include "host/unit.hpp"
#include "store/store.hpp"

namespace ccci::host {

struct System {
  std::string host;
  store::Address address;
  std::string path;
  std::string digest;              // Merkle digest, 64 hex digits; of a plan: empty
  std::vector<std::string> paths;  // PATH directories of the host's environment
  // Shared tools plus the host's extras; hosts with the same extras have one.
  std::shared_ptr<const environment::Environment> environment;
  std::map<std::string, std::string> commands;  // in bin/: name to the entrypoint it leads to
  std::vector<UnitFile> units;                  // in systemd/
  std::vector<store::Address> needs;            // what it leads to
};

// What all hosts have in common: a host's extra tools reach neither timers nor runners.
struct SharedPart {
  std::vector<UnitFile> units;
  std::vector<PlannedObject> overlays;
  std::map<std::string, std::string> commands;  // of the shared tools, and the entrypoints
  std::vector<store::Address> needs;
};
SharedPart plan_shared_part(const store::Store& store, const declare::Declaration& declaration,
                            const environment::Environment& shared,
                            const std::map<std::string, EntrypointObject>& entrypoints,
                            const EntrypointObject& shared_entrypoint);

// The system of a host with that environment. A thousand hosts of one declaration are planned in
// half a second: nothing is written, and no digest made of what nobody reads.
System plan_system(const store::Store& store, const declare::Declaration& declaration,
                   const std::string& host, const SharedPart& shared,
                   std::shared_ptr<const environment::Environment> own,
                   const EntrypointObject& own_entrypoint);

// Publishes it, and fills in its digest. [store.*]
base::Result<void> publish_system(store::Store& store, const declare::Declaration& declaration,
                                  System& system);

}  // namespace ccci::host
