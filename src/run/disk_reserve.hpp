// SPDX-License-Identifier: GPL-3.0-or-later
// Stops a run before its containers have filled the disk of the host.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace ccci::run {

class DiskReserve {
 public:
  // `place` is on the file system in question. 2 % of it stay free, at most 1 GiB.
  explicit DiskReserve(std::filesystem::path place);

  std::uint64_t reserve() const { return reserve_; }
  // What may still be written.
  std::uint64_t room() const;
  // Asks the kernel four times a second at most. Once true it stays so.
  bool nearly_full();

 private:
  std::filesystem::path place_;
  std::uint64_t reserve_ = 0;
  std::chrono::steady_clock::time_point asked_{};
  bool full_ = false;
};

}  // namespace ccci::run
