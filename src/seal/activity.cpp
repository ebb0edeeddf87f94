// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/activity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

namespace ccci::seal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_processes = 4096;

// The beginning of a file of /proc. Empty if it cannot be read: processes end at any moment.
std::string read_start(const fs::path& file) {
  const base::Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> block{};
  const ssize_t size = fd ? read(fd.get(), block.data(), block.size()) : 0;
  return size > 0 ? std::string(block.data(), static_cast<std::size_t>(size)) : std::string();
}

// "7 (a name) R 1 …": the name may have any character.
bool runs(std::string_view stat) {
  const std::size_t end = stat.rfind(") ");
  if (end == std::string_view::npos || end + 2 >= stat.size()) return false;
  return stat[end + 2] == 'R' || stat[end + 2] == 'D';
}

void append_numbers(std::string_view text, std::vector<pid_t>& numbers) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    pid_t number = 0;
    const auto [next, failure] = std::from_chars(at, end, number);
    if (failure == std::errc()) numbers.push_back(number);
    at = next + 1;
  }
}

std::vector<fs::path> threads_of(pid_t process) {
  std::vector<fs::path> threads;
  std::error_code gone;
  fs::directory_iterator all("/proc/" + std::to_string(process) + "/task", gone);
  for (; !gone && all != fs::directory_iterator(); all.increment(gone)) {
    threads.push_back(all->path());
  }
  return threads;
}

}  // namespace

bool is_busy(pid_t process) {
  std::vector<pid_t> processes{process};
  for (std::size_t next = 0; next < processes.size() && next < most_processes; ++next) {
    for (const fs::path& thread : threads_of(processes[next])) {
      if (next > 0 && runs(read_start(thread / "stat"))) return true;
      append_numbers(read_start(thread / "children"), processes);
    }
  }
  return false;
}

}  // namespace ccci::seal
