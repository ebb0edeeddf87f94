// SPDX-License-Identifier: GPL-3.0-or-later
// The control groups of one engine: cc-ci/NAME/engine for its daemons, cc-ci/NAME/containers for
// what it runs, in every hierarchy of the host (version 1, version 2, or both). Through them all
// processes of an engine are found and their memory is measured, whatever they did to hide.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::engine {

class Cgroups {
 public:
  // `name` is the engine's, without '/'. `mountinfo` is the text of /proc/self/mountinfo.
  Cgroups(const std::string& name, const std::string& mountinfo);
  static Cgroups of(const std::string& name);  // on this host

  // "/cc-ci/NAME/containers": dockerd's --cgroup-parent.
  std::string containers() const;

  // Processes and threads that the containers of one engine may have together, and its daemons. A
  // fork bomb ends there, and leaves the host and the daemons alone.
  static constexpr const char* most_processes = "4096";

  // Bytes that the containers of one engine and its daemons may have together on a machine with
  // `all`. Without this limit the kernel would choose among all programs of the host what to end.
  static std::uint64_t most_memory(std::uint64_t all);

  // Makes the groups with their limits, and opens cgroup.procs of the daemons' ones. A hierarchy
  // where this is not allowed is left out: in a container /sys/fs/cgroup is often read-only.
  std::vector<base::Fd> create() const;

  // All processes in the groups, in numbers of the caller's process namespace, each once. A process
  // of another namespace reads as 0 and is left out. [base.*]
  base::Result<std::vector<pid_t>> processes() const;
  // One of the container's, as above; 0: none is found.
  pid_t process_of(const std::string& container) const;
  // Kills all of them, once.
  void kill() const;
  // Removes the groups, and cc-ci itself if no other engine has groups. Returns what it could not
  // remove or read: the kernel keeps a group while a process is in it.
  std::vector<std::string> remove() const;

  enum class Part { everything, containers };
  // The most memory that it used at one time, where the kernel counts it.
  std::optional<std::uint64_t> peak_memory(Part part = Part::everything) const;

 private:
  std::vector<std::filesystem::path> hierarchies_;  // mount points
  std::string name_;
  std::optional<base::Error> unseen_;  // why nobody knows the hierarchies
};

}  // namespace ccci::engine
