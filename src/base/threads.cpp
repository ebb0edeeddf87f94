// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/threads.hpp"

#include <system_error>
#include <vector>

namespace ccci::base {

std::optional<std::thread> start_thread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

void on_threads(std::size_t count, const std::function<void()>& work) {
  std::vector<std::thread> others;
  while (others.size() + 1 < count) {
    auto thread = start_thread(work);
    if (!thread) break;
    others.push_back(std::move(*thread));
  }
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace ccci::base
