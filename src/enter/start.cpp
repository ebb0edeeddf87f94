// SPDX-License-Identifier: GPL-3.0-or-later
// The program's start without libc and its start-up files. The compiler may emit calls to the four
// memory functions even if the source has none.
#include <sys/syscall.h>

#include <cstddef>

#include "kernel.hpp"
#include "launch.hpp"

extern "C" {

#if defined(__x86_64__)
asm(".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call ccci_enter_start\n"
    "  hlt\n");
#elif defined(__aarch64__)
asm(".globl _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x0, sp\n"
    "  bl ccci_enter_start\n"
    "  brk #1\n");
#endif

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<char*>(to);
  const auto* in = static_cast<const char*>(from);
  for (std::size_t at = 0; at < size; ++at) out[at] = in[at];
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<char*>(to);
  const auto* in = static_cast<const char*>(from);
  if (out <= in) return memcpy(to, from, size);
  while (size-- > 0) out[size] = in[size];
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* out = static_cast<char*>(to);
  for (std::size_t at = 0; at < size; ++at) out[at] = static_cast<char>(value);
  return to;
}

int memcmp(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
  }
  return 0;
}

// The initial stack: argc, argv…, NULL, environment…, NULL, auxiliary vector.
[[noreturn]] __attribute__((used)) void ccci_enter_start(long* stack) {
  const long count = *stack;
  char** arguments = reinterpret_cast<char**>(stack + 1);
  char** environment = arguments + count + 1;
  char** end = environment;
  while (*end != nullptr) ++end;
  const auto* auxiliary = reinterpret_cast<const unsigned long*>(end + 1);
  const int status =
      ccci::enter::launch(static_cast<int>(count), arguments, environment, auxiliary);
  for (;;) ccci::enter::kernel::call(SYS_exit_group, status);
}
}
