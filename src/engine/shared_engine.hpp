// SPDX-License-Identifier: GPL-3.0-or-later
// An engine that is there already and that others use: the host's Docker, a manager of a swarm on
// this machine. The run is a tenant in it. Everything that it makes there has two labels: its name,
// and the lease of the records that know it. As long as the run lives it holds the lock of its
// record, and the janitor takes away only what has the lease and whose lock nobody holds.
//
// Programs of the run are in namespaces of their own, as beside a private engine. They reach the
// app through the ingress only, which alone is in the engine's network.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace ccci::engine {

struct SharedSetup {
  std::filesystem::path directory;  // of the records; see record.hpp
  std::string name;                 // unused so far: letters, digits and '-'
  std::vector<std::string> entry;   // as of EngineSetup
  std::string socket;
};

class SharedEngine final : public Engine {
 public:
  // Also takes away what dead runs of these records left in the engine; `reaped` gets a line for
  // each. [engine.not-root], [engine.no-engine], [engine.no-swarm], [engine.elsewhere],
  // [engine.exists], [engine.denied], errors of Api
  static base::Result<std::unique_ptr<SharedEngine>> start(const SharedSetup& setup,
                                                           std::vector<Reaped>& reaped);
  ~SharedEngine() override;

  const Api& api() const override;
  bool shared() const override { return true; }
  std::filesystem::path place() const override;
  std::filesystem::path data() const override;
  base::Result<std::string> own_address() const override { return std::string(); }
  base::Result<Companion> start_beside(CompanionCommand command) const override;
  recipe::Stack fitted(recipe::Stack stack) const override;
  recipe::Labels marks() const override;
  base::Result<std::optional<Image>> image(const std::string& name) const override;
  base::Result<void> load(int archive, const Guard& guard) override;
  base::Result<void> check() const override;
  pid_t process_of(const std::string& container) const override;
  std::optional<Footprint> footprint() const override;
  Teardown stop() override;
  base::Result<std::filesystem::path> keep() override;

 private:
  struct State;
  explicit SharedEngine(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ccci::engine
