// SPDX-License-Identifier: GPL-3.0-or-later
// The first process of an engine's namespaces. It prepares their mounts, starts the engine and
// waits. When it ends, for whatever reason, the kernel kills all other processes in the namespace,
// and the namespaces end with all their mounts and network devices. It ends itself when its owner
// ends, so that a killed cc-ci leaves no engine running.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "engine/seed.hpp"

namespace ccci::engine {

// Inside of the namespaces the engine's directory is mounted here, so that the paths of its sockets
// are short, wherever the directory is. A tmpfs on /run covers what the daemons would write there.
inline constexpr const char* inside_directory = "/run/cc-ci-engine";
inline constexpr const char* inside_data = "/run/cc-ci-engine/data";

struct Keeping {
  int directory = -1;  // of the engine: data, socket
  std::string path;    // of the same directory
  // Called in the caller's process when the data directory is mounted, with a path to it: what it
  // writes there the engine finds. Then `mounts` are bound, read-only.
  std::function<base::Result<void>(const std::filesystem::path&)> prepare;
  std::vector<SeedMount> mounts;
  std::vector<SeedMount> writable;  // bound as well
  std::uint64_t memory = 0;         // bytes of a tmpfs on the directory's `data`; 0: on disk
  int log = -1;                     // stdout and stderr of the engine
  std::vector<base::Fd> cgroups;    // cgroup.procs to enter
  // The engine; argv[0] is absolute. The last program that it executes in place must write a byte
  // to descriptor 3 when it is in the engine's root, and wait for a line on descriptor 4.
  std::vector<std::string> argv;
  std::vector<std::string> environment;
};

class Keeper {
 public:
  // [engine.denied] if the kernel refuses a namespace or a mount; `step` names it. Later refusals
  // are in ended().
  static base::Result<Keeper> start(const Keeping& keeping);
  ~Keeper();
  Keeper(Keeper&&) noexcept = default;
  Keeper& operator=(Keeper&&) noexcept = default;

  pid_t process() const { return process_; }
  // Why there is no engine any more: [engine.denied], or [engine.ended] with its `status`. Nothing
  // while it runs.
  std::optional<base::Error> ended();
  // From now on the engine outlives its owner.
  void release();
  // Kills everything and waits until the kernel has reaped the first process. False if that took
  // longer than `limit` (a process that waits for a dead disk cannot be killed).
  bool stop(int limit_ms);

 private:
  base::Result<void> prepare_data(const Keeping& keeping);

  Keeper() = default;

  pid_t process_ = 0;
  base::Fd process_fd_;
  base::Fd socket_;
  bool reaped_ = false;
  std::optional<base::Error> why_;
};

}  // namespace ccci::engine
