// SPDX-License-Identifier: GPL-3.0-or-later
// The interface to the service manager. It uses systemctl, so an administrator could type the same
// commands. It uses few calls, because each takes about 10 ms.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// The output of `systemctl show` for a unit, in systemd's own words.
struct UnitState {
  std::string name;        // the name in the request
  std::string id = {};     // Id: the unit's own name, of which `name` may be an alias
  std::string load;        // LoadState: loaded, not-found, bad-setting, error, masked
  std::string load_error;  // why it did not load; empty if it did
  std::string active;      // ActiveState: active, reloading, inactive, failed, activating, …
  std::string sub;         // SubState: running, waiting, auto-restart, …
  std::string result;      // Result: success, exit-code, timeout, start-limit-hit, …
  std::string file_state;  // UnitFileState: enabled, linked, static, masked, …
  std::string fragment;    // FragmentPath: the unit file
  std::string drop_ins;    // DropInPaths, separated by blanks
  std::string type;        // Type of a service: simple, notify, oneshot, …
  std::string invocation;  // InvocationID: new at every start
  std::string control_group;
  std::string environment;   // Environment, as systemd quotes it
  std::string exec_start;    // ExecStart, all commands
  std::string user;          // User; empty: root
  std::string last_trigger;  // LastTriggerUSecMonotonic of a timer; "0": has not fired
  std::string started;       // InactiveExitTimestampMonotonic, microseconds; "0": never
  std::string triggers;      // TriggeredBy, names separated by blanks: sockets, timers, paths
  std::string stop_limit;    // TimeoutStopUSec: "1min 30s", "infinity"; empty: not a service
  int main_pid = 0;          // 0: no process
  unsigned restarts = 0;     // NRestarts: automatic restarts
  int exit_status = 0;       // ExecMainStatus
  bool needs_reload = false;
  bool condition = true;  // ConditionResult, AssertResult: also false if never checked
  bool assertion = true;
  bool queued = false;  // systemd has a job for it

  bool operator==(const UnitState&) const = default;
  // Whether it is started or starting: then only a restart gives it a changed text.
  bool runs() const;
};

// Parses the output of `systemctl show` for `units`, in their order.
std::vector<UnitState> read_units(std::string_view text, const std::vector<std::string>& units);

class Systemd {
 public:
  virtual ~Systemd() = default;

  // The states in the order of `units`. A unit that does not exist has load "not-found".
  virtual base::Result<std::vector<UnitState>> show(const std::vector<std::string>& units) = 0;
  virtual base::Result<void> reload() = 0;
  // Waits until the units are stopped.
  virtual base::Result<void> stop(const std::vector<std::string>& units) = 0;
  // These two first reset the start counters of the units. Otherwise systemd's start limit could
  // refuse the way back from a unit that restarted too often. They queue the job and do not wait:
  // the health check finds out whether the unit comes up. [activate.systemctl] if the job was
  // refused (no such unit, masked).
  virtual base::Result<void> start(const std::vector<std::string>& units) = 0;
  virtual base::Result<void> restart(const std::vector<std::string>& units) = 0;
  // Units whose files were removed: systemd shows a failed one until it is told to forget it. Units
  // that it does not know are no error.
  virtual void forget(const std::vector<std::string>& units) = 0;
  // For evidence: `systemctl status`, and the journal since a time. Returns what could be read.
  virtual std::string status(const std::string& unit) = 0;
  virtual std::string journal(const std::string& unit,
                              std::chrono::system_clock::time_point since) = 0;
};

// [activate.systemctl] if a call ends with a status other than 0, or does not end in time.
class RealSystemd final : public Systemd {
 public:
  explicit RealSystemd(base::ProcessRunner& processes) : processes_(processes) {}

  base::Result<std::vector<UnitState>> show(const std::vector<std::string>& units) override;
  base::Result<void> reload() override;
  base::Result<void> stop(const std::vector<std::string>& units) override;
  base::Result<void> start(const std::vector<std::string>& units) override;
  base::Result<void> restart(const std::vector<std::string>& units) override;
  void forget(const std::vector<std::string>& units) override { forget_starts(units); }
  std::string status(const std::string& unit) override;
  std::string journal(const std::string& unit,
                      std::chrono::system_clock::time_point since) override;

 private:
  base::Result<std::string> call(std::vector<std::string> words,
                                 const std::vector<std::string>& units);
  void forget_starts(const std::vector<std::string>& units);
  std::string look(std::vector<std::string> argv);

  base::ProcessRunner& processes_;
};

}  // namespace ccci::activate
