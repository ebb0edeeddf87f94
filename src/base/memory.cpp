// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/memory.hpp"

#include <charconv>
#include <string_view>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::base {

std::uint64_t free_memory() {
  constexpr std::uint64_t largest = 1U << 16U;
  constexpr std::string_view key = "MemAvailable:";
  const auto text = read_file("/proc/meminfo", largest);
  if (!text) return 0;
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.starts_with(key)) continue;
    const std::string_view number = trim(line.substr(key.size()));
    std::uint64_t kibibytes = 0;
    std::from_chars(number.data(), number.data() + number.size(), kibibytes);
    return kibibytes << 10U;
  }
  return 0;
}

}  // namespace ccci::base
