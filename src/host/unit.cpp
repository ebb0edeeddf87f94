// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit.hpp"

#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

// The declaration's directory at the last switch.
constexpr const char* project = "/usr/local/lib/cc-ci/current/project";

// What no job has to do with: kernel modules, the clock, reboots, raw devices, security modules.
// Rejected, since each breaks jobs or slows them: ProtectClock= (it ends the unit's access to all
// devices but a few: /dev/kvm, /dev/fuse, …); ProtectSystem=, PrivateTmp= and all else that makes a
// mount namespace (docker is told host paths, and the launcher could not join the namespace that it
// keeps for the environment); seccomp settings like RestrictRealtime= and LockPersonality= (for a
// user they imply NoNewPrivileges=, which ends sudo and newuidmap; setarch, gdb); RestrictSUIDSGID=
// (tar and package builds set such modes).
constexpr const char* hardening =
    "CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_TIME CAP_WAKE_ALARM CAP_SYS_BOOT CAP_SYS_RAWIO "
    "CAP_MAC_ADMIN CAP_MAC_OVERRIDE\n";

std::string service_text(const declare::Timer& timer, const std::string& entrypoint) {
  const std::string& name = timer.name.text;
  // ':' keeps '$' as it is written: arguments are data, not the service manager's variables.
  std::string command = ":" + unit_word(entrypoint);
  for (std::size_t i = 1; i < timer.exec.size(); ++i) command += " " + unit_word(timer.exec[i]);
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(name) + " in the environment of cc-ci\n";
  text += "Documentation=man:cc-ci(1)\n";
  text += "RequiresMountsFor=" + unit_word(entrypoint);
  if (!timer.directory.empty()) text += " " + unit_word(timer.directory);
  // A timer that makes up for what it missed fires while the host still starts.
  text += "\nWants=network-online.target\nAfter=network-online.target\n\n";
  text += "[Service]\nType=oneshot\nExecStart=" + command + "\n";
  text +=
      "WorkingDirectory=" + unit_line(timer.directory.empty() ? project : timer.directory) + "\n";
  if (!timer.user.empty()) text += "User=" + unit_line(timer.user) + "\n";
  // Not NAME alone: /var/lib/NAME may be some other service's.
  text += "StateDirectory=cc-ci-jobs/" + unit_line(name) + "\nStateDirectoryMode=0750\n";
  return text + hardening;
}

std::string timer_text(const declare::Timer& timer) {
  std::string text = unit_origin;
  text += "[Unit]\nDescription=" + unit_line(timer.name.text) + " on its schedule\n";
  text += "Documentation=man:cc-ci(1)\n\n";
  text += "[Timer]\nOnCalendar=" + unit_line(timer.schedule) + "\n";
  // A host that was off at that hour makes up for it; hosts of one schedule do not start in one
  // second. The delay of one host is always the same, so a switch or a witness moves nothing.
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
