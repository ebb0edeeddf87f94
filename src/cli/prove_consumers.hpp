// SPDX-License-Identifier: GPL-3.0-or-later
// Follows what the consumers of a built host execute: through the links of its PATH, its units and
// their drop-ins, to the entrypoint's bytes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "declare/declaration.hpp"
#include "host/build.hpp"
#include "prove/observation.hpp"

namespace ccci::cli {

class ConsumerReader {
 public:
  ConsumerReader(const declare::Declaration& declaration, const host::Build& build)
      : declaration_(declaration), build_(build) {}

  // Every consumer of the built hosts, as it stands in the store now.
  std::vector<prove::Consumer> read();

 private:
  struct Target {
    std::string name;
    std::string digest;
    std::string environment;  // empty: no entrypoint
    std::string problem;      // why it could not be read
  };

  void entrypoints(const host::System& system);
  void timers(const host::System& system);
  void runners(const host::System& system);
  void path(const host::System& system);
  static void own_commands(const host::System& system, const std::set<std::string>& shared,
                           prove::Consumer& consumer);
  prove::Consumer runner(const host::System& system, const declare::Runner& runner) const;
  void attached(const std::vector<std::string>& texts, prove::Consumer& consumer) const;
  void execute(const std::string& path, prove::Consumer& consumer);
  const Target& target(const std::string& path);

  const declare::Declaration& declaration_;
  const host::Build& build_;
  std::map<std::string, Target> targets_;  // by path: hosts share them
  std::vector<prove::Consumer> out_;
};

}  // namespace ccci::cli
