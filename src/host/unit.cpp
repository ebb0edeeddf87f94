// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit.hpp"

#include "base/process.hpp"
#include "declare/calendar.hpp"
#include "host/job_view.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

// The directory of the declaration at the time of the last switch.
constexpr const char* project = "/usr/local/lib/cc-ci/current/project";

// The cc-ci that a deployment brought, or else the installed one: the package and an administrator
// install it in different directories.
const std::string own_search_path =
    std::string("Environment=PATH=/usr/local/lib/cc-ci/program/bin:") + base::standard_path + "\n";

// Removes the capabilities that no job needs: kernel modules, the clock, reboots, raw devices,
// security modules. The following settings were rejected, because each breaks jobs or slows them:
// - ProtectClock=: blocks access to all devices except a few, so /dev/kvm, /dev/fuse, … are lost.
// - ProtectSystem=, PrivateTmp= and all others that make a mount namespace: jobs pass host paths to
//   docker, and the launcher could not join the namespace that it keeps for the environment.
// - Seccomp settings like RestrictRealtime= and LockPersonality=: for a user they imply
//   NoNewPrivileges=, which breaks sudo and newuidmap. They also break setarch and gdb.
// - RestrictSUIDSGID=: tar and package builds set such modes.
constexpr const char* hardening =
    "CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_TIME CAP_WAKE_ALARM CAP_SYS_BOOT CAP_SYS_RAWIO "
    "CAP_MAC_ADMIN CAP_MAC_OVERRIDE\n";

// The environment's /usr hides the host's /usr/local. The job's working directory may be there, and
// nothing else of it is seen.
constexpr const char* generation_mount =
    "TemporaryFileSystem=/usr/local:ro\n"
    "BindReadOnlyPaths=/usr/local/lib/cc-ci:/usr/local/lib/cc-ci\n";

// systemd keeps 10,000 lines in 30 s by default and drops the rest, the error at the end as well.
// LogRateLimitIntervalSec=0 does not switch the limit off. Journald reads a last line often when
// its process has ended; then it no longer knows the unit's limits and compares its own with the
// lines that it counted. With the shortest interval it has counted one.
constexpr const char* log_limits = "LogRateLimitIntervalSec=1us\nLogRateLimitBurst=10000000\n";

// The words of a command whose first word may name an entrypoint. ':' prevents the expansion of
// '$': arguments are data and must not contain systemd's variables.
std::string command_line(const std::vector<std::string>& words,
                         const std::map<std::string, std::string>& entrypoints) {
  const auto entrypoint = entrypoints.find(words.front());
  std::string line =
      unit_word(entrypoint == entrypoints.end() ? words.front() : entrypoint->second);
  for (std::size_t i = 1; i < words.size(); ++i) line += " " + unit_word(words[i]);
  return line;
}

std::string service_text(const declare::Timer& timer,
                         const std::map<std::string, std::string>& entrypoints,
                         const environment::Environment& environment) {
  const std::string& name = timer.name.text;
  const std::string& entrypoint = entrypoints.at(timer.exec.front());
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(name) + " in the environment of cc-ci\n";
  text += "Documentation=man:cc-ci(1)\n";
  text += "RequiresMountsFor=" + unit_word(entrypoint);
  if (!timer.directory.empty()) text += " " + unit_word(timer.directory);
  // A timer that missed a run runs its job after boot, while the host is still starting.
  text += "\nWants=network-online.target\nAfter=network-online.target\n";
  // systemd's own limit, five starts in 10 s, would stop a job of every second, and refuse a person
  // who tries the job.
  text += "StartLimitIntervalSec=0\n";
  if (!timer.on_failure.empty())
    text += "OnFailure=" + unit_line(declare::failure_unit(name)) + "\n";
  text += "\n[Service]\nType=oneshot\nExecStart=:" + command_line(timer.exec, entrypoints) + "\n";
  text +=
      "WorkingDirectory=" + unit_line(timer.directory.empty() ? project : timer.directory) + "\n";
  // systemd 252 sets HOME, USER, LOGNAME and SHELL only if the user is named, root too.
  text += "User=" + (timer.user.empty() ? "root" : unit_line(timer.user)) + "\n";
  if (timer.timeout.count() > 0) {
    text += "TimeoutStartSec=" + std::to_string(timer.timeout.count()) + "s\n";
  }
  // systemd reads these as root and gives them to the job only.
  for (const std::string& file : timer.environment_files)
    text += "EnvironmentFile=" + unit_line(file) + "\n";
  for (const auto& [credential, file] : timer.credentials)
    text += "LoadCredential=" + unit_line(credential) + ":" + unit_line(file) + "\n";
  // Not only NAME: /var/lib/NAME may belong to another service.
  text += "StateDirectory=cc-ci-jobs/" + unit_line(name) + "\nStateDirectoryMode=0750\n";
  text += log_limits;
  if (!timer.user.empty()) text += view_mounts(environment) + generation_mount;
  return text + hardening;
}

// A constant script. It gets the unit as $0 and the declared command as its arguments. The journal
// may be seconds behind a job that printed much; --sync waits for it.
constexpr const char* report =
    R"(/usr/bin/journalctl --sync; )"
    R"(/usr/bin/journalctl --no-pager --lines=200 --output=cat --unit="$0" | "$@")";

std::string failure_text(const declare::Timer& timer,
                         const std::map<std::string, std::string>& entrypoints) {
  const std::string& name = timer.name.text;
  std::string text = unit_origin;
  text += "[Unit]\nDescription=tells that " + unit_line(name) + " failed\n";
  text += "Documentation=man:cc-ci(1)\n\n[Service]\nType=oneshot\n";
  text += "ExecStart=:/bin/sh -c " + unit_word(report) + " " + unit_word(name + ".service") + " " +
          command_line(timer.on_failure, entrypoints) + "\n";
  text +=
      "WorkingDirectory=" + unit_line(timer.directory.empty() ? project : timer.directory) + "\n";
  return text + "User=root\nTimeoutStartSec=10min\n" + hardening;
}

std::string timer_text(const std::string& name, const std::string& schedule) {
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(name) + " on its schedule\n";
  text += "Documentation=man:cc-ci(1)\n\n";
  text += "[Timer]\nOnCalendar=" + unit_line(schedule) + "\n";
  // Persistent=: a host that was off at the scheduled time runs the job after its next boot.
  // AccuracySec=: systemd's own is a minute, too long for a job that runs each 20 s.
  text += "Persistent=true\nAccuracySec=1s\n";
  // RandomizedDelaySec=: hosts with the same schedule do not start in the same second.
  // FixedRandomDelay=: the delay of a host is always the same, so that a switch or a witness does
  // not change the time of a run.
  if (!declare::repeats_within_the_hour(schedule)) {
    text += "RandomizedDelaySec=60\nFixedRandomDelay=true\n";
  }
  return text + "\n[Install]\nWantedBy=timers.target\n";
}

}  // namespace

std::vector<UnitFile> timer_units(const declare::Timer& timer,
                                  const std::map<std::string, std::string>& entrypoints,
                                  const environment::Environment& environment) {
  const std::string& name = timer.name.text;
  std::vector<UnitFile> units{{name + ".service", service_text(timer, entrypoints, environment)},
                              {name + ".timer", timer_text(name, timer.schedule)}};
  if (!timer.on_failure.empty()) {
    units.push_back({declare::failure_unit(name), failure_text(timer, entrypoints)});
  }
  return units;
}

std::vector<UnitFile> notify_units(const declare::Notify& notify) {
  if (notify.exec.empty()) return {};
  const std::string name = declare::notify_unit;
  std::string text = unit_origin;
  text +=
      "[Unit]\nDescription=tells when this host begins or ceases to differ from its "
      "declaration\nDocumentation=man:cc-ci(1)\n\n[Service]\nType=oneshot\n";
  text += "ExecStart=:/usr/bin/env cc-ci -q status --notify\n";
  text += own_search_path;
  text += "WorkingDirectory=" + std::string(project) + "\nUser=root\nTimeoutStartSec=10min\n";
  text += "StateDirectory=cc-ci-jobs/" + name + "\nStateDirectoryMode=0750\n";
  return {{name + ".service", text + hardening},
          {name + ".timer", timer_text(name, notify.schedule)}};
}

std::vector<UnitFile> sweep_units(const declare::Sweep& sweep) {
  if (sweep.schedule.empty()) return {};
  const std::string name = declare::sweep_unit;
  std::string text = unit_origin;
  text +=
      "[Unit]\nDescription=tests the enrolled recipes in the environment of cc-ci\n"
      "Documentation=man:cc-ci(1)\nWants=network-online.target\nAfter=network-online.target\n"
      "\n[Service]\nType=oneshot\n";
  // cc-ci itself is no job: it runs on the host, and each recipe's engine runs in the environment.
  // Its engines need capabilities that jobs lose.
  text += "ExecStart=:/usr/bin/env cc-ci sweep\n" + own_search_path;
  text += "WorkingDirectory=" + std::string(project) + "\nUser=root\n";
  // A stopped sweep first takes down what it deployed. A red recipe is a result of the unit too.
  text += "TimeoutStopSec=5min\nKillMode=mixed\n" + std::string(log_limits);
  return {{name + ".service", text}, {name + ".timer", timer_text(name, sweep.schedule)}};
}

}  // namespace ccci::host
