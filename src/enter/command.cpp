// SPDX-License-Identifier: GPL-3.0-or-later
#include "command.hpp"

#include "failure.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

char head[4096];

// The interpreter that a '#!' line names.
const char* script_interpreter(long size) {
  long at = 2;
  while (at < size && (head[at] == ' ' || head[at] == '\t')) ++at;
  long end = at;
  while (end < size && head[end] != ' ' && head[end] != '\t' && head[end] != '\n') ++end;
  if (end >= size || end == at) return nullptr;
  head[end] = '\0';
  return head + at;
}

std::uint64_t number_at(long at, int bytes) {
  std::uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(head[at + i]);
  }
  return value;
}

// PT_INTERP of a 64-bit little-endian program. It is searched only in the first 4 KiB, where it
// always is in practice.
const char* elf_interpreter(long size) {
  if (size < 64 || head[4] != 2 || head[5] != 1) return nullptr;
  const auto table = static_cast<long>(number_at(32, 8));
  const auto entry = static_cast<long>(number_at(54, 2));
  const auto count = static_cast<long>(number_at(56, 2));
  for (long i = 0; i < count; ++i) {
    const long at = table + i * entry;
    if (table < 0 || table > size || entry < 56 || at + 56 > size) return nullptr;
    if (number_at(at, 4) != 3U) continue;
    const std::uint64_t offset = number_at(at + 8, 8);
    const std::uint64_t bytes = number_at(at + 32, 8);
    const auto limit = static_cast<std::uint64_t>(size);
    if (bytes == 0U || bytes > limit || offset > limit - bytes) return nullptr;
    head[offset + bytes - 1U] = '\0';
    return head + offset;
  }
  return nullptr;
}

// The kernel says "no such file" about an existing file if its interpreter is missing. Returns the
// interpreter.
const char* missing_interpreter(const char* path) {
  const int fd = kernel::open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
  if (fd < 0) return nullptr;
  const long size = kernel::read(fd, head, sizeof head);
  kernel::close(fd);
  if (size >= 3 && head[0] == '#' && head[1] == '!') return script_interpreter(size);
  if (size >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F') {
    return elf_interpreter(size);
  }
  return nullptr;
}

// A path outside of the directories of packages: no declared tool can provide it.
bool is_file_of_a_job(const char* name) {
  if (!contains(name, '/')) return false;
  return !starts_with(name, "/usr/") && !starts_with(name, "/bin/") &&
         !starts_with(name, "/sbin/") && !starts_with(name, "/lib/") &&
         !starts_with(name, "/lib64/");
}

[[noreturn]] void fail_execution(const EntrypointView& view, const char* name, const char* path,
                                 long error) {
  struct statx about = {};
  const bool is_there = kernel::stat(AT_FDCWD, path, about) == 0;
  if (error == -ENOENT && is_there) {
    const char* interpreter = missing_interpreter(path);
    if (interpreter != nullptr) fail(Failure::command_interpreter, path, interpreter);
  }
  if (error == -ENOENT || (error == -ENOTDIR && !is_there)) {
    fail(is_file_of_a_job(name) ? Failure::command_file : Failure::command_missing, name,
         view.environment);
  }
  if (error == -ENOEXEC) fail(Failure::command_format, path);
  if (error == -EACCES && is_there && kernel::type(about) == kernel::type_directory) {
    fail(Failure::command_denied, path, reason(EISDIR));
  }
  if (error == -EACCES || error == -EPERM) fail(Failure::command_denied, path, reason(error));
  fail(Failure::command_failed, path, reason(error));
}

long execute_file(const char* path, char** words, char** variables) {
  return kernel::call(SYS_execve, kernel::word(path), kernel::word(words), kernel::word(variables));
}

}  // namespace

void execute(const EntrypointView& view, char** words, char** variables) {
  const char* name = words[0];
  if (*name == '\0') fail(Failure::command_missing, name, view.environment);
  if (contains(name, '/')) {
    fail_execution(view, name, name, execute_file(name, words, variables));
  }
  static PathLine path;
  static PathLine unusable;
  long error = -ENOENT;
  for (std::size_t at = 0; at < view.count; ++at) {
    if (view.values[at].directive != Directive::path) continue;
    path.clear();
    path.add(view.values[at].text).add('/').add(name);
    // Check first: an execve that finds no file costs ten times as much.
    constexpr long exists = 0;
    if (path.full() ||
        kernel::call(SYS_faccessat, AT_FDCWD, kernel::word(path.text()), exists) < 0) {
      continue;
    }
    const long result = execute_file(path.text(), words, variables);
    // Like a shell: a file that may not be executed does not hide one in a later directory.
    if (result != -EACCES) fail_execution(view, name, path.text(), result);
    if (error == -ENOENT) unusable.add(path.text());
    error = result;
  }
  if (error == -ENOENT) fail(Failure::command_missing, name, view.environment);
  fail_execution(view, name, unusable.text(), error);
}

}  // namespace ccci::enter
