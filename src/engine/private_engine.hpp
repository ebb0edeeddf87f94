// SPDX-License-Identifier: GPL-3.0-or-later
// A Docker Engine of one run: a single-node swarm in namespaces of its own. Two of them cannot
// meet, and nothing of them is in the host's firewall, bridges, mounts or /run. Needs root.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/cgroups.hpp"
#include "engine/egress.hpp"
#include "engine/engine.hpp"
#include "engine/keeper.hpp"

namespace ccci::engine {

struct EngineSetup {
  std::filesystem::path directory;  // of the records and data of all engines; see record.hpp
  std::string name;                 // unused so far: letters, digits and '-'
  // A command prefix that executes its arguments in a root with dockerd, in place: the entrypoint
  // of an environment. Empty: in the host's root.
  std::vector<std::string> entry;
  Egress egress = Egress::none;
  std::vector<std::filesystem::path> seeds;  // images that it has at once; see seed.hpp
  bool swarm = true;
  // Bytes of memory that images, volumes and the swarm may fill, instead of a disk. Faster, and
  // gone at once. 0: in the directory.
  std::uint64_t memory = 0;
  std::chrono::milliseconds longest_start{30'000};
};

class PrivateEngine final : public Engine {
 public:
  // Returns when the swarm accepts services. What an earlier owner left is not looked at: call
  // reap() first. [engine.not-root], [engine.denied], [engine.ended] with the last lines of its
  // log, [engine.slow], [engine.exists], [engine.driver] with
  // Condition::mismatch if it cannot use seeds, and the errors of Api
  static base::Result<PrivateEngine> start(const EngineSetup& setup);
  ~PrivateEngine() override;
  PrivateEngine(PrivateEngine&&) noexcept;
  PrivateEngine& operator=(PrivateEngine&&) noexcept;

  const Api& api() const override;
  bool shared() const override { return false; }
  // The first process of its namespaces: /proc/N/ns/net is its network.
  pid_t process() const;
  std::filesystem::path place() const override;
  std::filesystem::path data() const override { return place() / "data"; }
  base::Result<std::string> own_address() const override;
  // Why it does not run any more.
  std::optional<base::Error> ended();
  std::optional<std::uint64_t> peak_memory(Cgroups::Part part = Cgroups::Part::everything) const;
  // The last lines of the daemons' log.
  std::string log_tail(std::size_t bytes = 4096) const;

  // Starts a program in the engine's namespaces and, like the engine, in the root of `entry`. It
  // ends with the engine. argv[0] is an absolute path there. `output` takes its stdout and stderr.
  base::Result<Companion> start_beside(const std::vector<std::string>& argv, int output = -1) const;
  // The same with more wishes. `environment` is added to that of the engine. An environment's
  // launcher may drop variables: begin argv with /usr/bin/env to set them inside.
  base::Result<Companion> start_beside(CompanionCommand command) const override;

  recipe::Stack fitted(recipe::Stack stack) const override;
  recipe::Labels marks() const override { return {}; }
  base::Result<void> check() const override;
  pid_t process_of(const std::string& container) const override;
  std::optional<Footprint> footprint() const override { return std::nullopt; }
  base::Result<std::optional<Image>> image(const std::string& name) const override;
  base::Result<void> load(int archive, const Guard& guard) override;

  Teardown stop() override { return stop({}); }
  // `rescue` is called when nothing runs any more, with the data before they are removed.
  Teardown stop(const std::function<void(const std::filesystem::path&)>& rescue);
  base::Result<std::filesystem::path> keep() override;

 private:
  struct State;
  explicit PrivateEngine(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Loads an image archive into an engine of its own, keeps its images as `seed` and returns their
// names. `setup` is of a name that no engine has; its data are on the file system of `seed`. Errors
// of the guard too.
base::Result<std::vector<std::string>> make_seed(EngineSetup setup, int archive,
                                                 const std::filesystem::path& seed,
                                                 const Guard& guard = {});

}  // namespace ccci::engine
