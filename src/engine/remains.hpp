// SPDX-License-Identifier: GPL-3.0-or-later
// Takes away what is left of an engine, and observes that it is gone. The same steps end an engine
// in the usual way and after its owner was killed. They never start anything of it again: services
// of a dead run would come back to life.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/record.hpp"
#include "engine/tenant.hpp"

namespace ccci::engine {

// Each a phrase: "process 4711", "control group /sys/…", "directory /var/…: something is mounted".
using Leftovers = std::vector<std::string>;

// What the steps need of the host. Tests replace it to let each fail.
class Host {
 public:
  virtual ~Host() = default;
  // Whether this very process still runs.
  virtual bool runs(const ProcessName& process);
  virtual void kill(const ProcessName& process);
  // Of the engine's control groups.
  virtual base::Result<std::vector<pid_t>> grouped_processes(const std::string& name);
  virtual void kill_groups(const std::string& name);
  virtual std::vector<std::string> remove_groups(const std::string& name);  // what is left
  // Whether an engine answers there.
  virtual bool answers(const std::string& socket);
  // Takes all of the run out of the engine that it shares. Returns what is left.
  virtual Leftovers evict(const std::string& socket, const Tenant& tenant);
  virtual base::Result<void> remove_tree(const std::filesystem::path& path);
  virtual void sleep(std::chrono::milliseconds time);
};
Host& real_host();

// Kills, waits at most `patience`, removes groups and directory, and the record if nothing is left.
// The caller holds the engine's lock. A record with leftovers stays, so that the next reap() tries
// again.
Leftovers clear(Records& records, const Record& record, Host& host,
                std::chrono::milliseconds patience = std::chrono::seconds(10));

struct Reaped {
  std::string name;
  Leftovers left;  // empty: it is gone
  // The socket of an engine that it shared and that no longer answers. What the run has there is
  // removed by the next run in that engine.
  std::string lost = {};

  bool operator==(const Reaped&) const = default;
};

// Clears every engine whose owner has ended, except kept ones. Those of living owners are not
// touched. [base.*] if the directory cannot be read at all.
base::Result<std::vector<Reaped>> reap(Records& records, Host& host = real_host());

// Clears what runs of these records left in a shared engine and no record tells of: whoever killed
// them also removed their records. A run whose lock is held is alive, and a kept one stays.
base::Result<std::vector<Reaped>> reap_tenants(Records& records, const std::string& socket,
                                               const std::set<std::string>& runs,
                                               Host& host = real_host());

// Clears one engine by name that nobody owns, also a kept one, and forgets it if it shared an
// engine that is lost: nobody else could ever. [engine.in-use] while its owner lives,
// [engine.unknown]
base::Result<Reaped> remove_engine(Records& records, const std::string& name,
                                   Host& host = real_host());

}  // namespace ccci::engine
