// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/bare_engine.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "recipe/host_path.hpp"

namespace ccci::run {

namespace {

using recipe::Deviation;

struct LimitName {
  std::string_view name;
  int number;
};
constexpr std::array limit_names{
    LimitName{"as", RLIMIT_AS},
    LimitName{"core", RLIMIT_CORE},
    LimitName{"cpu", RLIMIT_CPU},
    LimitName{"data", RLIMIT_DATA},
    LimitName{"fsize", RLIMIT_FSIZE},
    LimitName{"locks", RLIMIT_LOCKS},
    LimitName{"memlock", RLIMIT_MEMLOCK},
    LimitName{"msgqueue", RLIMIT_MSGQUEUE},
    LimitName{"nice", RLIMIT_NICE},
    LimitName{"nofile", RLIMIT_NOFILE},
    LimitName{"nproc", RLIMIT_NPROC},
    LimitName{"rss", RLIMIT_RSS},
    LimitName{"rtprio", RLIMIT_RTPRIO},
    LimitName{"rttime", RLIMIT_RTTIME},
    LimitName{"sigpending", RLIMIT_SIGPENDING},
    LimitName{"stack", RLIMIT_STACK},
};

std::string in_quotes(const std::string& text) { return "'" + text + "'"; }

// Others need a server, a plugin or a journal. And the test reads the logs from the engine.
void keep_logs(recipe::Service& service, std::vector<Deviation>& changes) {
  if (!service.logging) return;
  const std::string driver = service.logging->driver;
  if (driver.empty() || driver == "json-file" || driver == "local") return;
  service.logging.reset();
  changes.push_back({service.key, "logging",
                     "the engine keeps the logs itself: it has no driver " + in_quotes(driver) +
                         " or nothing behind it"});
}

void keep_image_time(recipe::Service& service, std::vector<Deviation>& changes) {
  for (const recipe::Mount& mount : service.mounts) {
    if (recipe::tells_time_zone(mount))
      changes.push_back({service.key, "volumes",
                         mount.source + " is not mounted: the image's own time zone applies, so "
                                        "that the result is the same on each host"});
  }
  std::erase_if(service.mounts, recipe::tells_time_zone);
}

// A negative limit is none at all.
bool is_above(std::int64_t limit, std::int64_t most) {
  return most >= 0 && (limit < 0 || limit > most);
}

void keep_within(recipe::Service& service, const std::map<std::string, std::int64_t>& most,
                 std::vector<Deviation>& changes) {
  for (auto& [name, limit] : service.ulimits) {
    const auto known = most.find(name);
    if (known == most.end() || !is_above(limit.hard, known->second)) continue;
    const std::int64_t highest = known->second;
    limit.hard = highest;
    if (is_above(limit.soft, highest)) limit.soft = highest;
    changes.push_back({service.key, "ulimits." + name,
                       "it is " + std::to_string(highest) + ", the most on this machine"});
  }
}

// What is below the volume's driver, if the engine cannot have it.
std::string absent_driver(const recipe::Volume& volume) {
  if (!volume.driver.empty() && volume.driver != "local")
    return "the driver " + in_quotes(volume.driver);
  const auto type = volume.driver_options.find("type");
  if (type == volume.driver_options.end()) return {};
  const bool served = type->second == "nfs" || type->second == "nfs4" || type->second == "cifs";
  return served ? "the server of its file system " + in_quotes(type->second) : std::string();
}

}  // namespace

std::map<std::string, std::int64_t> most_of_limits() {
  std::map<std::string, std::int64_t> most;
  if (prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE, 0, 0, 0) == 1) return most;
  for (const LimitName& each : limit_names) {
    rlimit limit{};
    if (getrlimit(static_cast<__rlimit_resource>(each.number), &limit) != 0) continue;
    if (limit.rlim_max != RLIM_INFINITY)
      most.emplace(each.name, static_cast<std::int64_t>(limit.rlim_max));
  }
  return most;
}

std::vector<Deviation> fit_bare_engine(recipe::Stack& stack, const BareEngine& engine) {
  std::vector<Deviation> changes;
  for (recipe::Service& service : stack.services) {
    keep_logs(service, changes);
    if (!engine.host_paths) keep_image_time(service, changes);
    keep_within(service, engine.most, changes);
  }
  for (auto& [key, volume] : stack.volumes) {
    const std::string absent = absent_driver(volume);
    if (absent.empty()) continue;
    volume.driver.clear();
    volume.driver_options.clear();
    changes.push_back({"", "volumes." + key,
                       "it is a plain volume of the engine, which does not have " + absent});
  }
  return changes;
}

}  // namespace ccci::run
