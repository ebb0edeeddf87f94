// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/bare_engine.hpp"

#include "recipe/host_path.hpp"

namespace ccci::run {

namespace {

using recipe::Deviation;

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

std::vector<Deviation> fit_bare_engine(recipe::Stack& stack, bool host_paths) {
  std::vector<Deviation> changes;
  for (recipe::Service& service : stack.services) {
    keep_logs(service, changes);
    if (!host_paths) keep_image_time(service, changes);
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
