// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit.hpp"

#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

// The directory of the declaration at the time of the last switch.
constexpr const char* project = "/usr/local/lib/cc-ci/current/project";

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

std::string service_text(const declare::Timer& timer, const std::string& entrypoint) {
  const std::string& name = timer.name.text;
  // ':' prevents the expansion of '$': arguments are data and must not contain systemd's variables.
  std::string command = ":" + unit_word(entrypoint);
  for (std::size_t i = 1; i < timer.exec.size(); ++i) command += " " + unit_word(timer.exec[i]);
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(name) + " in the environment of cc-ci\n";
  text += "Documentation=man:cc-ci(1)\n";
  text += "RequiresMountsFor=" + unit_word(entrypoint);
  if (!timer.directory.empty()) text += " " + unit_word(timer.directory);
  // A timer that missed a run runs its job after boot, while the host is still starting.
  text += "\nWants=network-online.target\nAfter=network-online.target\n\n";
  text += "[Service]\nType=oneshot\nExecStart=" + command + "\n";
  text +=
      "WorkingDirectory=" + unit_line(timer.directory.empty() ? project : timer.directory) + "\n";
  if (!timer.user.empty()) text += "User=" + unit_line(timer.user) + "\n";
  // Not only NAME: /var/lib/NAME may belong to another service.
  text += "StateDirectory=cc-ci-jobs/" + unit_line(name) + "\nStateDirectoryMode=0750\n";
  return text + hardening;
}

std::string timer_text(const declare::Timer& timer) {
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(timer.name.text) + " on its schedule\n";
  text += "Documentation=man:cc-ci(1)\n\n";
  text += "[Timer]\nOnCalendar=" + unit_line(timer.schedule) + "\n";
  // Persistent=: a host that was off at the scheduled time runs the job after its next boot.
  // RandomizedDelaySec=: hosts with the same schedule do not start in the same second.
  // FixedRandomDelay=: the delay of a host is always the same, so that a switch or a witness does
  // not change the time of a run.
  text += "Persistent=true\nRandomizedDelaySec=60\nFixedRandomDelay=true\n\n";
  return text + "[Install]\nWantedBy=timers.target\n";
}

}  // namespace

std::vector<UnitFile> timer_units(const declare::Timer& timer, const std::string& entrypoint) {
  const std::string& name = timer.name.text;
  return {{name + ".service", service_text(timer, entrypoint)},
          {name + ".timer", timer_text(timer)}};
}

}  // namespace ccci::host
