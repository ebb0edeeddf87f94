// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/sweep.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace ccci::declare {

const std::vector<std::string>& sweep_notify_times() {
  static const std::vector<std::string> names{"change", "always", "red"};
  return names;
}

std::optional<std::uint64_t> byte_count(std::string_view text) {
  constexpr std::uint64_t kilo = 1000;
  constexpr std::uint64_t kibi = 1024;
  constexpr std::array units{
      std::pair<std::string_view, std::uint64_t>{"MB", kilo * kilo},
      std::pair<std::string_view, std::uint64_t>{"GB", kilo * kilo * kilo},
      std::pair<std::string_view, std::uint64_t>{"TB", kilo * kilo * kilo * kilo},
      std::pair<std::string_view, std::uint64_t>{"MiB", kibi * kibi},
      std::pair<std::string_view, std::uint64_t>{"GiB", kibi * kibi * kibi},
      std::pair<std::string_view, std::uint64_t>{"TiB", kibi * kibi * kibi * kibi}};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit =
      base::trim(text.substr(static_cast<std::size_t>(end - text.data())));
  for (const auto& [name, bytes] : units) {
    if (name != unit) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / bytes) return std::nullopt;
    return number * bytes;
  }
  return std::nullopt;
}

}  // namespace ccci::declare
