// SPDX-License-Identifier: GPL-3.0-or-later
// The service manager, as far as cc-ci speaks to it: through systemctl, so that what cc-ci does is
// what an administrator could type, and in few calls, since each costs some 10 ms.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// What `systemctl show` says of a unit, in systemd's own words.
struct UnitState {
  std::string name;        // as asked for
  std::string load;        // LoadState: loaded, not-found, bad-setting, error, masked
  std::string load_error;  // why it did not load; empty where it did
  std::string active;      // ActiveState: active, reloading, inactive, failed, activating, …
  std::string sub;         // SubState: running, waiting, auto-restart, …
  std::string result;      // Result: success, exit-code, timeout, start-limit-hit, …
  std::string file_state;  // UnitFileState: enabled, linked, static, masked, …
  std::string fragment;    // FragmentPath: the file that it was read from
  std::string drop_ins;    // DropInPaths, separated by blanks
  std::string type;        // Type of a service: simple, notify, oneshot, …
  std::string invocation;  // InvocationID: another at every start
  std::string control_group;
  std::string environment;   // Environment, as systemd quotes it
  std::string exec_start;    // ExecStart, every command of it
  std::string user;          // User; empty: root
  std::string last_trigger;  // LastTriggerUSecMonotonic of a timer; "0": has not fired
  int main_pid = 0;          // 0: no process
  unsigned restarts = 0;     // NRestarts: by systemd itself
  int exit_status = 0;       // ExecMainStatus
  bool needs_reload = false;
  bool condition = true;  // ConditionResult, AssertResult: false also where never asked
  bool assertion = true;
  bool queued = false;  // systemd has a job for it

  bool operator==(const UnitState&) const = default;
  // Started or just starting: what a changed text must reach by a restart.
  bool runs() const;
};

// The blocks that `systemctl show` prints for `units`, in their order.
std::vector<UnitState> read_units(std::string_view text, const std::vector<std::string>& units);

class Systemd {
 public:
  virtual ~Systemd() = default;

  // In the order of `units`; a unit that does not exist is one with load "not-found".
  virtual base::Result<std::vector<UnitState>> show(const std::vector<std::string>& units) = 0;
  virtual base::Result<void> reload() = 0;
  // Waits until they are stopped.
  virtual base::Result<void> stop(const std::vector<std::string>& units) = 0;
  // These two forget how often the units were started before, lest systemd's limit refuse the way
  // back from a unit that flapped; then they hand the job over and do not wait: whether it comes up
  // is a question of health. [activate.systemctl] where the job was not even taken (no such unit,
  // masked).
  virtual base::Result<void> start(const std::vector<std::string>& units) = 0;
  virtual base::Result<void> restart(const std::vector<std::string>& units) = 0;
  // For evidence: `systemctl status` and the journal since then; what could be had.
  virtual std::string status(const std::string& unit) = 0;
  virtual std::string journal(const std::string& unit,
                              std::chrono::system_clock::time_point since) = 0;
};

// [activate.systemctl] where a call ends with another status than 0 or not in time.
class RealSystemd final : public Systemd {
 public:
  explicit RealSystemd(base::ProcessRunner& processes) : processes_(processes) {}

  base::Result<std::vector<UnitState>> show(const std::vector<std::string>& units) override;
  base::Result<void> reload() override;
  base::Result<void> stop(const std::vector<std::string>& units) override;
  base::Result<void> start(const std::vector<std::string>& units) override;
  base::Result<void> restart(const std::vector<std::string>& units) override;
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
