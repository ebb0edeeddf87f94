// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/full.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <charconv>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::store {

bool is_full(int number) { return number == ENOSPC || number == EDQUOT; }

bool is_full(const base::Error& error) {
  const std::string_view cause = error.field("cause");
  return cause == base::describe_errno(ENOSPC) || cause == base::describe_errno(EDQUOT);
}

base::Error no_space(std::string_view object, std::uint64_t needed, int fd) {
  base::Error error =
      base::fail("store.no-space", base::Condition::no_space).with("object", object);
  if (needed != 0) {
    error = std::move(error)
                .with("needed", base::human_bytes(needed))
                .with("needed-bytes", std::to_string(needed));
  }
  measure_free(error, fd);
  return error;
}

base::Error unless_full(base::Error error, std::string_view object, std::uint64_t needed, int fd) {
  return is_full(error) ? no_space(object, needed, fd) : std::move(error);
}

std::uint64_t blocks_of(std::uint64_t bytes, std::uint64_t entries) {
  constexpr std::uint64_t block = 4096;  // the block size of every common file system
  return (bytes / block + entries + 1) * block;
}

void measure_free(base::Error& error, int fd) {
  const auto set = [&error](std::string_view name, std::string value) {
    std::erase_if(error.fields, [&](const base::Field& field) { return field.name == name; });
    error.fields.push_back({std::string(name), std::move(value)});
  };
  if (const auto free = base::free_bytes(fd)) {
    std::uint64_t needed = 0;
    const std::string_view text = error.field("needed-bytes");
    std::from_chars(text.data(), text.data() + text.size(), needed);
    set("free", base::human_bytes(*free));
    // Then the figure is not the whole need: the rest was not written yet.
    if (needed != 0 && *free > needed) set("needed", "more than " + base::human_bytes(needed));
  }
  // Small files can use up the inodes while blocks are free. A message "full" that shows free space
  // would mislead people, so the free inodes are shown too.
  struct statvfs status {};
  if (fstatvfs(fd, &status) == 0 && status.f_files != 0) {
    set("inodes", std::to_string(status.f_favail));
  }
}

}  // namespace ccci::store
