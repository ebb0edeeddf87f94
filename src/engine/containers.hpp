// SPDX-License-Identifier: GPL-3.0-or-later
// Containers of an engine: state, commands inside, files, output.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/api.hpp"
#include "engine/stream.hpp"

namespace ccci::engine {

enum class Health { none, starting, healthy, unhealthy };

struct ContainerState {
  bool running = false;
  int exit_code = 0;
  bool killed_for_memory = false;  // OOMKilled
  Health health = Health::none;
  std::string health_output;  // of the last check
  // As many checks in a row failed as make it unhealthy. It says so after the end too, when the
  // engine calls every container with a check unhealthy.
  bool failed_checks = false;

  bool operator==(const ContainerState&) const = default;
};
// Reads the answer of /containers/ID/json.
ContainerState read_container(const base::Json& json);
// Nothing if the container does not exist.
base::Result<std::optional<ContainerState>> container_state(const Api& api, const std::string& id);

struct ContainerUsage {
  std::uint64_t memory = 0;
  std::optional<std::uint64_t> peak_memory;  // where the kernel counts it
  std::uint64_t processor_ns = 0;
};
base::Result<ContainerUsage> container_usage(const Api& api, const std::string& id);

struct ExecCommand {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value, in addition to the container's
  std::string user;                      // empty: the container's
  std::string directory;                 // empty: the container's
  std::chrono::milliseconds deadline{60'000};
  std::uint64_t output_limit = 1U << 20U;  // bytes kept of each stream
  Demultiplexer::Keep keep = Demultiplexer::Keep::first;
  Guard guard = {};
};
struct ExecResult {
  int status = 0;
  Output output;
  // The deadline was over. The engine cannot end the command: it runs until the container ends.
  bool timed_out = false;
};
// Errors of Api and of the guard; the command goes on then, too.
base::Result<ExecResult> exec_in(const Api& api, const std::string& id, const ExecCommand& command);

// The last lines of a container, also of one that has ended.
base::Result<Output> container_logs(const Api& api, const std::string& id, unsigned lines = 100,
                                    std::uint64_t limit = 64U << 10U);
// The last lines of each task of a service.
base::Result<Output> service_logs(const Api& api, const std::string& service, unsigned lines = 100,
                                  std::uint64_t limit = 64U << 10U);

// A path of the container as a tar archive, in pieces. The container need not run.
base::Result<void> read_archive(const Api& api, const std::string& id, const std::string& path,
                                BodySink sink, std::chrono::milliseconds deadline);
// Unpacks a tar archive into a directory of the container that exists.
base::Result<void> write_archive(const Api& api, const std::string& id, const std::string& path,
                                 BodySource source, std::chrono::milliseconds deadline);

// A container that is never started, with a volume at /volume: through it the archive calls reach
// the volume. `image` is any image of the engine. Removed by the destructor.
class VolumeDoor {
 public:
  static base::Result<VolumeDoor> open(const Api& api, const std::string& volume,
                                       const std::string& image);
  ~VolumeDoor();
  VolumeDoor(VolumeDoor&& other) noexcept;
  VolumeDoor& operator=(VolumeDoor&&) = delete;

  const std::string& container() const { return container_; }
  static constexpr const char* path = "/volume";

 private:
  VolumeDoor(const Api& api, std::string container) : api_(api), container_(std::move(container)) {}

  Api api_;
  std::string container_;
};

}  // namespace ccci::engine
