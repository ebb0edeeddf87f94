// SPDX-License-Identifier: GPL-3.0-or-later
// System calls of the library for maintainer scripts, which is linked to no other library.
#pragma once

static inline long system_call6(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#endif
}

#if defined(__x86_64__)
#define CLOSE_CALL 3
#define FSTAT_CALL 5
#define MMAP_CALL 9
#define MUNMAP_CALL 11
#define LSEEK_CALL 8
#define FCNTL_CALL 72
#define GETDENTS_CALL 217
#define CLOCK_GETTIME_CALL 228
#define OPENAT_CALL 257
#elif defined(__aarch64__)
#define CLOSE_CALL 57
#define FSTAT_CALL 80
#define MMAP_CALL 222
#define MUNMAP_CALL 215
#define LSEEK_CALL 62
#define FCNTL_CALL 25
#define GETDENTS_CALL 61
#define CLOCK_GETTIME_CALL 113
#define OPENAT_CALL 56
#endif
