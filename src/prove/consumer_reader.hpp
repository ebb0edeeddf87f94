// SPDX-License-Identifier: GPL-3.0-or-later
// Finds what the consumers of a host execute: follows the links of its PATH, its units and their
// drop-ins to the bytes of an entrypoint. Reads a published system from the store and a planned one
// from its plan. Reads hosts with the same environment only once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "host/build.hpp"
#include "prove/observation.hpp"
#include "prove/system_files.hpp"

namespace ccci::prove {

class ConsumerReader {
 public:
  ConsumerReader(const declare::Declaration& declaration, const host::Build& build);

  std::vector<Consumer> read();  // every consumer of the hosts

 private:
  struct Target {
    std::string name;
    std::string digest;
    std::string environment;  // empty: no entrypoint
    std::string problem;      // why it could not be read
  };

  void read(const SystemFiles& system);
  void entrypoints(const SystemFiles& system);
  void timers(const SystemFiles& system);
  void runners(const SystemFiles& system);
  void path(const SystemFiles& system);
  void own_commands(const SystemFiles& system, Consumer& consumer) const;
  Consumer runner(const SystemFiles& system, const declare::Runner& runner) const;
  void attached(const std::vector<std::string>& texts, Consumer& consumer) const;
  void execute(const SystemFiles& system, const std::string& path, Consumer& consumer);
  const Target& target(const std::string& path);

  const declare::Declaration& declaration_;
  const host::Build& build_;
  std::set<std::string> shared_;           // commands that are links to the shared entrypoint
  std::map<std::string, Target> targets_;  // by path: hosts share them
  std::map<std::string, Target> planned_;  // the same for planned entrypoints
  std::vector<Consumer> out_;
};

}  // namespace ccci::prove
