// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/footprint.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>
#include <optional>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "engine/containers.hpp"
#include "engine/deployment.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::size_t most_counted_files = 200'000;
constexpr const char* unified = "/sys/fs/cgroup";

// Docker's statistics have the peak only with version 1 of control groups.
std::optional<std::uint64_t> peak_in_group(const Api& api, const std::string& container) {
  const auto found = api.get("/containers/" + base::percent_encoded(container) + "/json");
  if (!found) return std::nullopt;
  const std::uint64_t process = (*found)["State"]["Pid"].number().value_or(0);
  if (process == 0) return std::nullopt;
  const auto text = base::read_file("/proc/" + std::to_string(process) + "/cgroup", 64U << 10U);
  const std::string group = text ? group_of(*text, container) : std::string();
  if (group.empty()) return std::nullopt;
  const auto peak = base::read_file(fs::path(unified + group) / "memory.peak", 64);
  std::uint64_t value = 0;
  if (!peak || std::from_chars(peak->data(), peak->data() + peak->size(), value).ec != std::errc{})
    return std::nullopt;
  return value;
}

}  // namespace

pid_t process_of_container(const Api& api, const std::string& container) {
  const auto found = api.get("/containers/" + base::percent_encoded(container) + "/json");
  if (!found) return 0;
  const std::uint64_t process = (*found)["State"]["Pid"].number().value_or(0);
  if (process == 0) return 0;
  // The engine may be in another process namespace, where the number is another one's.
  const auto text = base::read_file("/proc/" + std::to_string(process) + "/cgroup", 64U << 10U);
  const bool ours = text && text->find(container) != std::string::npos && !container.empty();
  return ours ? static_cast<pid_t>(process) : 0;
}

namespace {

std::uint64_t memory_of(const Api& api, const std::string& container) {
  const auto usage = container_usage(api, container);
  if (!usage) return 0;  // it has ended
  if (usage->peak_memory) return *usage->peak_memory;
  return std::max(usage->memory, peak_in_group(api, container).value_or(0));
}

}  // namespace

std::string group_of(std::string_view text, const std::string& container) {
  for (const std::string_view line : base::split(text, '\n')) {
    if (!line.starts_with("0::/") || container.empty()) continue;
    const std::string_view group = line.substr(3);
    // "/docker/ID" or "/system.slice/docker-ID.scope"
    if (group.find(container) != std::string_view::npos &&
        group.find("..") == std::string_view::npos)
      return std::string(group);
  }
  return {};
}

std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    struct stat found {};
    if (error || ++files > most_counted_files) break;
    if (lstat(entry->path().c_str(), &found) == 0)
      bytes += static_cast<std::uint64_t>(found.st_blocks) * 512;
  }
  return bytes;
}

base::Result<Footprint> footprint_of(const Api& api, const Tenant& tenant) {
  const std::string labelled = by_labels(tenant.marks());
  Footprint sum;
  CCCI_TRY(const Json containers,
           api.get("/containers/json", {{"all", "1"}, {"size", "1"}, {"filters", labelled}}));
  for (const Json& container : containers.elements()) {
    sum.disk += container["SizeRw"].number().value_or(0);
    if (container["State"].text_or_empty() == "running")
      sum.memory += memory_of(api, container["Id"].text_or_empty());
  }
  CCCI_TRY(const Json volumes, api.get("/volumes", {{"filters", labelled}}));
  for (const Json& volume : volumes["Volumes"].elements()) {
    const fs::path place = volume["Mountpoint"].text_or_empty();
    if (place.is_absolute()) sum.disk += bytes_below(place);
  }
  return sum;
}

}  // namespace ccci::engine
