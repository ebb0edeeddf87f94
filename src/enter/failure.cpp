// SPDX-License-Identifier: GPL-3.0-or-later
#include "failure.hpp"

#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

struct Wording {
  Failure failure;
  int status;
  const char* code;
  const char* message;
  const char* note;
  const char* hint;
};

constexpr const char* doctor = "'cc-ci doctor' shows what this host allows";

constexpr Wording wordings[] = {
    {Failure::usage, own_failure, "enter.usage", "{0}", nullptr, "cc-ci-enter --help"},
    {Failure::setuid, own_failure, "enter.setuid",
     "refusing to run with more rights than the caller's", nullptr,
     "remove the setuid and setgid bits from cc-ci-enter"},
    {Failure::entrypoint_open, own_failure, "enter.entrypoint",
     "'{0}': expected a readable entrypoint file: {1}", nullptr, "cc-ci build"},
    {Failure::entrypoint_damaged, own_failure, "enter.damaged", "'{0}': line {1}: {2}", nullptr,
     "cc-ci store verify, then cc-ci store repair"},
    {Failure::entrypoint_newer, own_failure, "enter.newer", "'{0}': line {1}: {2}",
     "a newer cc-ci wrote this file", "cc-ci build"},
    {Failure::nothing_to_run, own_failure, "enter.usage",
     "'{0}': expected a command: this entrypoint has no 'exec' of its own", nullptr,
     "{0} COMMAND [ARGUMENT…]"},
    {Failure::environment_missing, own_failure, "enter.environment",
     "environment {0} is not in the store: expected '{1}', found {2}", nullptr, "cc-ci build"},
    {Failure::environment_unreadable, own_failure, "enter.environment",
     "environment {0} cannot be accessed: '{1}': {2}",
     "the store's directories need mode 0755 for other users to run commands in it",
     "run as the user who owns the store, or keep it below /var/lib/cc-ci"},
    {Failure::environment_marker, own_failure, "enter.marker",
     "'{0}': expected the marker of environment {1}, found {2}", nullptr,
     "cc-ci store verify, then cc-ci store repair"},
    {Failure::environment_incomplete, own_failure, "enter.incomplete",
     "environment {0}: '{1}' is missing: {2}", nullptr,
     "cc-ci store verify, then cc-ci store repair"},
    {Failure::layout, own_failure, "enter.layout",
     "'{0}': expected a directory or a link to 'usr{0}' on this host, found '{1}'", nullptr,
     "make it a link to 'usr{0}', as on Debian"},
    {Failure::directory, own_failure, "enter.directory",
     "working directory '{0}' is not in the environment: {1}",
     "/usr and some directories in /etc are the environment's, not the host's",
     "cd to a directory elsewhere, for example /"},
    {Failure::chroot, own_failure, "enter.chroot", "'/' is not a mount point (a plain chroot): {0}",
     nullptr, "mount --bind DIRECTORY DIRECTORY before chroot, or use systemd-nspawn -D DIRECTORY"},
    {Failure::namespaces_chroot, own_failure, "enter.namespaces",
     "user namespaces are denied inside a chroot", nullptr,
     "run as root, or use systemd-nspawn instead of chroot"},
    {Failure::namespaces_clone, own_failure, "enter.namespaces",
     "user namespaces are denied: kernel.unprivileged_userns_clone is 0, expected 1", nullptr,
     "sudo sysctl kernel.unprivileged_userns_clone=1"},
    {Failure::namespaces_limit, own_failure, "enter.namespaces",
     "no further namespace is allowed: {0} is {1}", nullptr, "sudo sysctl {0}=15000"},
    {Failure::namespaces_apparmor, own_failure, "enter.namespaces",
     "mounts are denied in a user namespace: kernel.apparmor_restrict_unprivileged_userns is 1",
     "Ubuntu 24.04 and later set this; an AppArmor profile with 'userns,' allows one program",
     "install cc-ci's AppArmor profile, or sudo sysctl "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
    {Failure::namespaces_filter, own_failure, "enter.namespaces",
     "{0} is denied by a system call filter",
     "the cause is RestrictNamespaces= or SystemCallFilter= of the unit, or a container's seccomp "
     "profile",
     "attach the environment in the unit: BindReadOnlyPaths={1}/usr:/usr"},
    {Failure::namespaces_absent, own_failure, "enter.namespaces", "this kernel has no {0}: {1}",
     nullptr, doctor},
    {Failure::namespaces_denied, own_failure, "enter.namespaces", "{0} is denied: {1}",
     "inside a container, the settings of the container decide", doctor},
    {Failure::namespaces_root, own_failure, "enter.namespaces",
     "{0} is denied: root has neither CAP_SYS_ADMIN nor CAP_SETFCAP here", nullptr,
     "give it one of them: CapabilityBoundingSet= of the unit, or --cap-add of the container"},
    {Failure::mount, own_failure, "enter.mount", "{0}: {1}", nullptr, doctor},
    {Failure::variables, own_failure, "enter.variables", "cannot keep the variables: {0}", nullptr,
     "start with fewer variables, for example under env -i"},
    {Failure::command_missing, not_found, "enter.command",
     "'{0}': not a command of environment {1}", nullptr,
     "'cc-ci why {0}', or add the tool to [runtime] tools and run 'cc-ci lock && cc-ci build'"},
    {Failure::command_file, not_found, "enter.command", "'{0}': no such file",
     "a relative path starts at the working directory", "ls -l {0}"},
    {Failure::command_interpreter, not_executable, "enter.interpreter",
     "'{0}': its interpreter '{1}' is not in the environment", nullptr, "cc-ci why {1}"},
    {Failure::command_format, not_executable, "enter.format",
     "'{0}': expected a program for this machine or a '#!' line", nullptr,
     "name the interpreter: sh {0}"},
    {Failure::command_denied, not_executable, "enter.denied", "'{0}': not executable: {1}", nullptr,
     nullptr},
    {Failure::command_failed, not_executable, "enter.exec", "'{0}': {1}", nullptr, nullptr},
    {Failure::release, own_failure, "enter.release", "'{0}': {1}", nullptr,
     "run as root, on the host that made the namespaces"},
};

struct Reason {
  int error;
  const char* text;
};

constexpr Reason reasons[] = {
    {EPERM, "operation not permitted"},
    {ENOENT, "no such file or directory"},
    {EIO, "input/output error"},
    {E2BIG, "arguments and variables too long"},
    {EACCES, "permission denied"},
    {EBUSY, "device or resource busy"},
    {ENOTDIR, "not a directory"},
    {EISDIR, "is a directory"},
    {EINVAL, "invalid argument"},
    {ENFILE, "too many open files in the system"},
    {EMFILE, "too many open files"},
    {ENOSPC, "no space left, or a limit was reached"},
    {EROFS, "read-only file system"},
    {ENAMETOOLONG, "name too long"},
    {ENOSYS, "not in this kernel"},
    {ELOOP, "too many or forbidden symbolic links"},
    {ENOMEM, "out of memory"},
    {ETXTBSY, "open for writing"},
    {EUSERS, "too many users or namespaces"},
    {ESTALE, "stale file handle"},
};

const char* json_entrypoint = nullptr;
Line<16384> out;

void fill(Line<16384>& to, const char* wording, const char* const (&values)[3]) {
  for (; *wording != '\0'; ++wording) {
    if (wording[0] == '{' && wording[1] >= '0' && wording[1] <= '2' && wording[2] == '}') {
      to.printable(values[wording[1] - '0']);
      wording += 2;
    } else {
      to.add(*wording);
    }
  }
}

void put_json(const Wording& row, const char* const (&values)[3]) {
  static Line<16384> phrase;
  out.add(R"({"schema":1,"entrypoint":")").json(json_entrypoint).add(R"(","works":false,"code":")");
  out.add(row.code);
  const struct {
    const char* key;
    const char* wording;
  } parts[] = {{"message", row.message}, {"note", row.note}, {"hint", row.hint}};
  for (const auto& part : parts) {
    if (part.wording == nullptr) continue;
    phrase.clear();
    fill(phrase, part.wording, values);
    out.add(R"(",")").add(part.key).add(R"(":")").json(phrase.text());
  }
  out.add("\"}\n");
}

void put_text(const Wording& row, const char* const (&values)[3]) {
  out.add("cc-ci-enter: error: ");
  fill(out, row.message, values);
  out.add(" [").add(row.code).add("]\n");
  if (row.note != nullptr) {
    out.add("note: ");
    fill(out, row.note, values);
    out.add('\n');
  }
  if (row.hint != nullptr) {
    out.add("hint: ");
    fill(out, row.hint, values);
    out.add('\n');
  }
}

}  // namespace

void report_failures_as_json(const char* entrypoint) { json_entrypoint = entrypoint; }

void fail(Failure failure, const char* first, const char* second, const char* third) {
  const char* const values[3] = {first, second, third};
  int status = own_failure;
  for (const Wording& row : wordings) {
    if (row.failure != failure) continue;
    status = row.status;
    if (json_entrypoint != nullptr) {
      put_json(row, values);
    } else {
      put_text(row, values);
    }
  }
  kernel::write(json_entrypoint != nullptr ? 1 : 2, out.text(), out.size());
  for (;;) kernel::call(SYS_exit_group, status);
}

const char* reason(long error) {
  const long positive = error < 0 ? -error : error;
  for (const Reason& row : reasons) {
    if (row.error == positive) return row.text;
  }
  static Line<32> number;
  number.clear();
  return number.add("error ").decimal(static_cast<std::uint64_t>(positive)).text();
}

}  // namespace ccci::enter
