// SPDX-License-Identifier: GPL-3.0-or-later
// The Docker Engine of one run. A PrivateEngine is there for the run alone; a SharedEngine serves
// others too. Who deploys, serves and removes an app sees only this.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/api.hpp"
#include "engine/companion.hpp"
#include "engine/footprint.hpp"
#include "engine/images.hpp"
#include "engine/remains.hpp"
#include "recipe/stack.hpp"

namespace ccci::engine {

// What ending a run's engine showed.
struct Teardown {
  Leftovers left;  // empty: everything is gone
  std::chrono::milliseconds time{0};
  // Bytes, where the kernel counts them: daemons and containers together, and containers alone.
  std::optional<std::uint64_t> peak_memory;
  std::optional<std::uint64_t> peak_of_containers;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual const Api& api() const = 0;
  virtual bool shared() const = 0;
  // The run's directory. Programs beside the engine see it as inside_directory (keeper.hpp).
  virtual std::filesystem::path place() const = 0;
  // The engine's data: DATA/volumes/NAME/_data. Programs beside it see them below inside_data.
  virtual std::filesystem::path data() const = 0;
  // Where containers reach a program beside the engine; empty: nowhere.
  virtual base::Result<std::string> own_address() const = 0;

  // Starts a program in the run's namespaces and in the root of the environment. It ends with the
  // run. argv[0] is an absolute path there.
  virtual base::Result<Companion> start_beside(CompanionCommand command) const = 0;

  // Whether its processes live, answer, and are those that the run began with. Otherwise no failure
  // can be put down to the app. [engine.lost], errors of Api
  virtual base::Result<void> check() const = 0;

  // The stack as this engine can have it, with a deviation for each change.
  virtual recipe::Stack fitted(recipe::Stack stack) const = 0;
  // The labels that everything of the run has.
  virtual recipe::Labels marks() const = 0;
  // Nothing if the engine does not have it.
  virtual base::Result<std::optional<Image>> image(const std::string& name) const = 0;
  // Loads an archive for this run. [engine.archive], [engine.load], errors of Api and of the guard
  virtual base::Result<void> load(int archive, const Guard& guard) = 0;

  // What the run uses now, if this engine does not tell it at the end.
  virtual std::optional<Footprint> footprint() const = 0;

  // A process of the container in the caller's numbers; 0 if it cannot be told.
  virtual pid_t process_of(const std::string& container) const = 0;

  // Takes away all of the run, at once, and observes that it is gone. A second call returns the
  // same again.
  virtual Teardown stop() = 0;
  // Leaves it running after its owner ends, until remove_engine(). Returns its socket.
  virtual base::Result<std::filesystem::path> keep() = 0;

 protected:
  Engine() = default;
  Engine(const Engine&) = default;
  Engine(Engine&&) = default;
  Engine& operator=(const Engine&) = default;
  Engine& operator=(Engine&&) = default;
};

}  // namespace ccci::engine
