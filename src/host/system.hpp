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
#include <string>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/entrypoint_object.hpp"
#include "host/unit.hpp"
#include "store/store.hpp"

namespace ccci::host {

struct System {
  std::string host;
  store::Address address;
  std::string path;
  std::string digest;                           // Merkle digest, 64 hex digits
  std::vector<std::string> paths;               // PATH directories of the host's environment
  environment::Environment environment;         // shared tools plus the host's extras
  std::map<std::string, std::string> commands;  // in bin/: name to the entrypoint it leads to
  std::vector<UnitFile> units;                  // in systemd/

  bool operator==(const System&) const = default;
};

// `host` is one of the declaration's.
base::Result<System> publish_system(store::Store& store, const declare::Declaration& declaration,
                                    const declare::Host& host,
                                    const environment::Environment& shared,
                                    const environment::Environment& own,
                                    const std::map<std::string, EntrypointObject>& entrypoints,
                                    const EntrypointObject& shared_entrypoint,
                                    const EntrypointObject& own_entrypoint);

}  // namespace ccci::host
