// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/restriction.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace ccci::seal {

namespace {

// Owners in a published root are always root, and a user namespace with one user has no others. So
// these calls succeed without effect. That makes root's build and a user's the same.
constexpr std::array faked{
#ifdef SYS_chown
    SYS_chown,    SYS_lchown,
#endif
    SYS_fchown,   SYS_fchownat, SYS_setuid,    SYS_setgid,   SYS_setgroups,
    SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid};
// No script needs these to configure a package, and each has had holes.
constexpr std::array denied{
    SYS_mount,       SYS_umount2,     SYS_unshare,         SYS_setns,
    SYS_pivot_root,  SYS_bpf,         SYS_keyctl,          SYS_add_key,
    SYS_request_key, SYS_ptrace,      SYS_open_tree,       SYS_move_mount,
    SYS_fsopen,      SYS_userfaultfd, SYS_perf_event_open, SYS_io_uring_setup};

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#endif

}  // namespace

bool filter_calls() {
  std::array<sock_filter, 10 + 2 * (faked.size() + denied.size())> program{};
  std::size_t size = 0;
  const auto add = [&](std::uint16_t code, std::uint32_t value, std::uint8_t yes = 0,
                       std::uint8_t no = 0) {
    program[size++] = {code, yes, no, value};
  };
  const auto answer = [&](long call, std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
    add(BPF_RET | BPF_K, value);
  };
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  // A program of another architecture has other numbers, so it must not run.
  add(BPF_JMP | BPF_JEQ | BPF_K, own_architecture, 1, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  // The x32 calls have the same architecture and numbers from here on.
  add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1);
  add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
#endif
  for (const long call : faked) answer(call, SECCOMP_RET_ERRNO | 0U);
  for (const long call : denied) answer(call, SECCOMP_RET_ERRNO | EPERM);
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_fprog filter{static_cast<unsigned short>(size), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

void drop_capabilities() {
  constexpr std::uint64_t kept = 0x1ffU | (std::uint64_t{1} << 31U);  // CAP_CHOWN…SETPCAP, SETFCAP
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if ((kept >> capability & 1U) == 0) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}

}  // namespace ccci::seal
