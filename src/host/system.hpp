// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that one host gets, as one object:
//
//   root/bin/        links. Commands of the shared tools and all entrypoints link to the one shared
//                    entrypoint. Commands of the host's extra tools link to the host's entrypoint.
//   root/systemd/    the units of its timers, and a drop-in for each runner whose unit is known.
//                    Files that a drop-in mounts over the host's files are separate objects,
//                    because the drop-in contains their path.
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
  std::string digest;              // Merkle digest, 64 hex digits; empty in a plan
  std::vector<std::string> paths;  // PATH directories of the host's environment
  // Shared tools plus the host's extra tools. Hosts with the same extra tools share one
  // environment.
  std::shared_ptr<const environment::Environment> environment;
  std::map<std::string, std::string> commands;  // in bin/: name -> entrypoint that it links to
  std::vector<UnitFile> units;                  // in systemd/
  std::vector<store::Address> needs;            // the objects that it refers to
};

// What hosts have in common. Timers and runners do not get the extra tools of a host.
struct SharedPart {
  struct Unit {
    UnitFile file;
    std::vector<declare::Name> hosts;  // that have it; empty: every host
  };
  std::vector<Unit> units;
  std::vector<PlannedObject> overlays;
  std::map<std::string, std::string> commands;  // of the shared tools, and the entrypoints
  std::vector<store::Address> needs;
};
SharedPart plan_shared_part(const store::Store& store, const declare::Declaration& declaration,
                            const environment::Environment& shared,
                            const std::map<std::string, EntrypointObject>& entrypoints,
                            const EntrypointObject& shared_entrypoint);

// The system of a host with that environment. It is fast (a thousand hosts of one declaration in
// half a second): it writes nothing and computes no digest that is not used.
System plan_system(const store::Store& store, const declare::Declaration& declaration,
                   const std::string& host, const SharedPart& shared,
                   std::shared_ptr<const environment::Environment> own,
                   const EntrypointObject& own_entrypoint);

// Publishes the system and sets its digest. [store.*]
base::Result<void> publish_system(store::Store& store, const declare::Declaration& declaration,
                                  System& system);

}  // namespace ccci::host
