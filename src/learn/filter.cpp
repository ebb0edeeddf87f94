// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/filter.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace ccci::learn {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_RISCV64;
#else
#error "the system calls of this architecture are not known"
#endif

constexpr std::array calls{
    WatchedCall{SYS_execve, Act::exec, -1, 0, 1},   WatchedCall{SYS_execveat, Act::exec, 0, 1, 2},
    WatchedCall{SYS_openat, Act::open, 0, 1},       WatchedCall{SYS_openat2, Act::open, 0, 1},
    WatchedCall{SYS_newfstatat, Act::lookup, 0, 1}, WatchedCall{SYS_statx, Act::lookup, 0, 1},
    WatchedCall{SYS_faccessat, Act::lookup, 0, 1},  WatchedCall{SYS_faccessat2, Act::lookup, 0, 1},
#ifdef SYS_open  // the newer architectures have only the calls above
    WatchedCall{SYS_open, Act::open, -1, 0},        WatchedCall{SYS_stat, Act::lookup, -1, 0},
    WatchedCall{SYS_lstat, Act::lookup, -1, 0},     WatchedCall{SYS_access, Act::lookup, -1, 0},
#endif
};

constexpr std::uint32_t word_at(std::size_t offset) { return static_cast<std::uint32_t>(offset); }

// The lower half of an argument.
constexpr std::uint32_t argument(int index) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return word_at(offsetof(seccomp_data, args) + static_cast<std::size_t>(index) * 8);
#else
  return word_at(offsetof(seccomp_data, args) + static_cast<std::size_t>(index) * 8 + 4);
#endif
}

// Programs of another architecture (32 bits, x32) have other call numbers, so they are not
// observed. libc implements fstat as newfstatat with an empty path. It is so frequent that the
// filter itself lets it pass, without a stop.
struct Program {
  std::array<sock_filter, 16 + calls.size()> code{};
  unsigned short size = 0;

  constexpr Program() {
    add(BPF_LD | BPF_W | BPF_ABS, 0, 0, word_at(offsetof(seccomp_data, arch)));
    add(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, own_architecture);
    add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    add(BPF_LD | BPF_W | BPF_ABS, 0, 0, word_at(offsetof(seccomp_data, nr)));
    add(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, static_cast<std::uint32_t>(SYS_newfstatat));
    add(BPF_LD | BPF_W | BPF_ABS, 0, 0, argument(3));
    add(BPF_JMP | BPF_JSET | BPF_K, 0, 1, AT_EMPTY_PATH);
    add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint8_t>(calls.size() - i), 0,
          static_cast<std::uint32_t>(calls[i].number));
    }
    add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE);
  }

  constexpr void add(int operation, std::uint8_t yes, std::uint8_t no, std::uint32_t value) {
    code[size++] = sock_filter{static_cast<std::uint16_t>(operation), yes, no, value};
  }
};

constexpr Program program;

}  // namespace

const WatchedCall* watched_call(std::uint64_t number) {
  const auto* const found = std::find_if(calls.begin(), calls.end(), [&](const WatchedCall& call) {
    return static_cast<std::uint64_t>(call.number) == number;
  });
  return found == calls.end() ? nullptr : found;
}

int install_filter() {
  const sock_fprog given{program.size, const_cast<sock_filter*>(program.code.data())};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &given) == 0) return 0;
  if (errno != EACCES) return errno;
  // Without root the kernel requires no_new_privs. Do not set it first: then sudo would fail for
  // root too.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &given) == 0 ? 0 : errno;
}

}  // namespace ccci::learn
