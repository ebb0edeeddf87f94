// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/fleet.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "deploy/remote.hpp"

namespace ccci::deploy {

namespace {

constexpr std::size_t most_at_once = 32;

Row deploy_one(const Target& target, const Parcel& parcel, const Options& options, Watch watch,
               const std::function<bool()>& interrupted) {
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  const Timing timing{base::real_clock(), pause, interrupted};
  if (target.destination.empty()) {
    Here here(interrupted);
    return Deployment(here, parcel, target.wanted, options, timing, std::move(watch)).run();
  }
  auto ssh = Ssh::open(target.destination, interrupted);
  if (!ssh) {
    Row row;
    row.host = target.wanted.host;
    row.error = std::move(ssh).error();
    return row;
  }
  return Deployment(*ssh, parcel, target.wanted, options, timing, std::move(watch)).run();
}

}  // namespace

std::string destination_of(const declare::Host& host) {
  const std::string& name = host.name.text;
  const std::string machine = project::machine_name();
  if (machine == name || machine.starts_with(name + ".")) return {};
  return host.address.empty() ? name : host.address;
}

std::vector<Target> targets_of(const project::Project& project, const host::Build& built,
                               const std::vector<std::string>& names) {
  std::vector<Target> targets;
  for (const std::string& name : names) {
    const host::System& system = built.systems.at(name);
    targets.push_back({{name, system.address.directory(), system.digest},
                       destination_of(project.declaration.hosts.at(name))});
  }
  return targets;
}

std::vector<Row> deploy_all(const std::vector<Target>& targets, const Parcel& parcel,
                            const Options& options, const std::function<Watch(std::size_t)>& watch,
                            const std::function<bool()>& interrupted) {
  std::vector<Row> rows(targets.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> workers;
  for (std::size_t worker = 0; worker < std::min(most_at_once, targets.size()); ++worker) {
    workers.push_back(std::async(std::launch::async | std::launch::deferred, [&] {
      for (std::size_t i = next++; i < targets.size(); i = next++) {
        const Watch watched = watch(i);
        rows[i] = deploy_one(targets[i], parcel, options, watched, interrupted);
        watched.step(end_name(rows[i].end));
      }
    }));
  }
  for (auto& worker : workers) worker.get();
  return rows;
}

}  // namespace ccci::deploy
