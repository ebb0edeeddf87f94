// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/disk_reserve.hpp"

#include <sys/statvfs.h>

#include <algorithm>

namespace ccci::run {

namespace {

constexpr std::uint64_t largest_reserve = 1U << 30U;
constexpr std::uint64_t part = 50;  // one of so many
constexpr std::chrono::milliseconds between_questions{250};

}  // namespace

DiskReserve::DiskReserve(std::filesystem::path place) : place_(std::move(place)) {
  struct statvfs found {};
  if (statvfs(place_.c_str(), &found) != 0) return;
  const std::uint64_t size = found.f_blocks * found.f_frsize;
  reserve_ = std::min(largest_reserve, size / part);
}

std::uint64_t DiskReserve::room() const {
  struct statvfs found {};
  if (statvfs(place_.c_str(), &found) != 0) return 0;
  const std::uint64_t free = found.f_bavail * found.f_frsize;
  return free - std::min(free, reserve_);
}

bool DiskReserve::nearly_full() {
  const auto now = std::chrono::steady_clock::now();
  if (full_ || now - asked_ < between_questions) return full_;
  asked_ = now;
  struct statvfs found {};
  if (statvfs(place_.c_str(), &found) == 0)
    full_ = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize < reserve_;
  return full_;
}

}  // namespace ccci::run
