// SPDX-License-Identifier: GPL-3.0-or-later
#include "denial.hpp"

#include "failure.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

char buffer[8192];

// The file's first bytes as a terminated string, or "" if it cannot be read.
const char* read_small(const char* path) {
  const int fd = kernel::open(AT_FDCWD, path, O_RDONLY);
  if (fd < 0) return "";
  long size = kernel::read(fd, buffer, sizeof buffer - 1);
  kernel::close(fd);
  if (size < 0) size = 0;
  buffer[size] = '\0';
  return buffer;
}

bool is_set_to(const char* path, char digit) {
  const char* text = read_small(path);
  return text[0] == digit && (text[1] == '\n' || text[1] == '\0');
}

const char* find(const char* text, const char* wanted) {
  for (; *text != '\0'; ++text) {
    if (starts_with(text, wanted)) return text + length(wanted);
  }
  return nullptr;
}

// Whether the process is in a plain chroot: "/" is not the root of a mount, or the first process of
// this user namespace has another root. Called only after something was denied.
bool is_chroot() {
  struct statx own = {};
  struct statx first = {};
  if (kernel::stat(AT_FDCWD, "/", own) < 0) return false;
  if ((own.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0U) return true;
  return kernel::stat(AT_FDCWD, "/proc/1/root/.", first) == 0 && !kernel::is_same_file(own, first);
}

constexpr const char* apparmor = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

struct Limit {
  const char* file;
  const char* setting;
};
constexpr Limit limits[] = {
    {"/proc/sys/user/max_user_namespaces", "user.max_user_namespaces"},
    {"/proc/sys/user/max_mnt_namespaces", "user.max_mnt_namespaces"},
};

[[noreturn]] void fail_limit() {
  static Line<64> value;
  for (const Limit& limit : limits) {
    const char* text = read_small(limit.file);
    if (*text != '0') continue;
    fail(Failure::namespaces_limit, limit.setting, "0");
  }
  const char* text = read_small(limits[0].file);
  for (; *text >= '0' && *text <= '9'; ++text) value.add(*text);
  fail(Failure::namespaces_limit, limits[0].setting, value.text());
}

constexpr const char* name_of(Step step) {
  switch (step) {
    case Step::user_namespace:
      return "creating a user namespace";
    case Step::identity_map:
      return "mapping the user into its namespace";
    case Step::mount_namespace:
      return "creating a mount namespace";
    case Step::mount:
      return "mounting";
  }
  return "";
}

}  // namespace

bool is_filtered() {
  const char* mode = find(read_small("/proc/self/status"), "\nSeccomp:\t");
  return mode != nullptr && *mode == '2';
}

void fail_denied(Step step, long error, const char* root, const char* what) {
  const bool denied = error == -EPERM || error == -EACCES;
  if (error == -ENOSPC || error == -EUSERS) fail_limit();
  if (error == -ENOSYS || (error == -EINVAL && step != Step::mount)) {
    if (is_filtered()) fail(Failure::namespaces_filter, name_of(step), root);
    fail(Failure::namespaces_absent, step == Step::mount ? "mount calls" : "namespaces",
         reason(error));
  }
  if (denied) {
    if (step == Step::user_namespace) {
      if (is_set_to("/proc/sys/kernel/unprivileged_userns_clone", '0')) {
        fail(Failure::namespaces_clone);
      }
      if (is_chroot()) fail(Failure::namespaces_chroot);
    }
    // In these cases the namespace may be allowed and only the operations inside it denied.
    if (is_set_to(apparmor, '1')) fail(Failure::namespaces_apparmor);
    if (is_filtered()) fail(Failure::namespaces_filter, name_of(step), root);
    if (step != Step::mount && kernel::call(SYS_geteuid) == 0) {
      fail(Failure::namespaces_root, name_of(step));
    }
    if (step != Step::mount) fail(Failure::namespaces_denied, name_of(step), reason(error));
  }
  fail(Failure::mount, *what == '\0' ? name_of(step) : what, reason(error));
}

}  // namespace ccci::enter
