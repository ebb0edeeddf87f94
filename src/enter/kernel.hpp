// SPDX-License-Identifier: GPL-3.0-or-later
// System calls without libc. The start-up of glibc alone costs more than all that the launcher does
// (bench/enter): it relocates its string functions and runs a series of CPUID instructions, each of
// which leaves a virtual machine. Every function returns the kernel's value, a negative errno on
// failure.
#pragma once

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace ccci::enter::kernel {

#if defined(__x86_64__)
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0) {
  long result = 0;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
  return x0;
}
#else
#error "the launcher knows the system call convention of x86_64 and aarch64"
#endif

template <typename T>
long word(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

inline int open(int at, const char* path, int flags, unsigned mode = 0) {
  return static_cast<int>(call(SYS_openat, at, word(path), flags | O_CLOEXEC, mode));
}

inline void close(int fd) { call(SYS_close, fd); }

// Name by name, so that no link is followed.
inline int open_by_names(int at, const char* path, int flags) {
  int directory = *path == '/' ? open(AT_FDCWD, "/", O_PATH | O_DIRECTORY) : at;
  for (;;) {
    char name[256] = {};
    std::size_t size = 0;
    while (*path == '/') ++path;
    for (; *path != '\0' && *path != '/' && size < sizeof name - 1; ++path) name[size++] = *path;
    const bool whole = *path == '\0' || *path == '/';
    const bool up = name[0] == '.' && name[1] == '.' && name[2] == '\0';
    const bool last = *path == '\0';
    int next = whole ? -EXDEV : -ENAMETOOLONG;
    if (whole && !up) {
      next = open(directory, name, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW);
    }
    if (directory != at) close(directory);
    if (last || next < 0) return next;
    directory = next;
  }
}

// RestrictSUIDSGID= of a unit hides openat2, because a filter cannot read its arguments.
inline int open_within(int at, const char* path, std::uint64_t flags, std::uint64_t resolve) {
  open_how how = {flags | O_CLOEXEC, 0, resolve};
  const long fd = call(SYS_openat2, at, word(path), word(&how), sizeof how);
  if (fd != -ENOSYS) return static_cast<int>(fd);
  const int plain = static_cast<int>(flags);
  return (resolve & RESOLVE_NO_SYMLINKS) != 0U ? open_by_names(at, path, plain)
                                               : open(at, path, plain);
}
inline long read(int fd, char* to, std::size_t size) {
  return call(SYS_read, fd, word(to), static_cast<long>(size));
}
inline long write(int fd, const char* from, std::size_t size) {
  return call(SYS_write, fd, word(from), static_cast<long>(size));
}

// If `path` is "", this means `at` itself (for AT_FDCWD the working directory).
inline long stat(int at, const char* path, struct statx& out, int flags = 0) {
  return call(SYS_statx, at, word(path), flags | (*path == '\0' ? AT_EMPTY_PATH : 0),
              STATX_BASIC_STATS | STATX_MNT_ID, word(&out));
}

inline bool is_same_file(const struct statx& left, const struct statx& right) {
  return left.stx_ino == right.stx_ino && left.stx_dev_major == right.stx_dev_major &&
         left.stx_dev_minor == right.stx_dev_minor;
}
// <linux/stat.h> does not define these, because libc does.
inline constexpr unsigned type_directory = 0040000;
inline constexpr unsigned type_device = 0020000;
inline constexpr unsigned type_file = 0100000;
inline constexpr unsigned type_link = 0120000;
inline unsigned type(const struct statx& about) { return about.stx_mode & 0170000U; }

inline long unshare(long flags) { return call(SYS_unshare, flags); }
inline long setns(int fd) { return call(SYS_setns, fd, CLONE_NEWNS); }
inline long chdir(const char* path) { return call(SYS_chdir, word(path)); }
inline long fchdir(int fd) { return call(SYS_fchdir, fd); }
inline long mkdir(int at, const char* path, unsigned mode) {
  return call(SYS_mkdirat, at, word(path), mode);
}
inline long unlink(int at, const char* path) { return call(SYS_unlinkat, at, word(path), 0); }
inline long readlink(int at, const char* path, char* to, std::size_t size) {
  return call(SYS_readlinkat, at, word(path), word(to), static_cast<long>(size));
}

inline long mount(const char* source, const char* target, const char* type, long flags,
                  const char* data = nullptr) {
  return call(SYS_mount, word(source), word(target), word(type), flags, word(data));
}
inline int open_tree(int at, const char* path, unsigned flags) {
  return static_cast<int>(call(SYS_open_tree, at, word(path),
                               OPEN_TREE_CLOEXEC | flags | (*path == '\0' ? AT_EMPTY_PATH : 0U)));
}
// Mounts the detached `tree` on the open file `target`. No path is resolved again.
inline long move_mount(int tree, int target) {
  return call(SYS_move_mount, tree, word(""), target, word(""),
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

}  // namespace ccci::enter::kernel
