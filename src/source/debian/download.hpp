// SPDX-License-Identifier: GPL-3.0-or-later
// Reports libapt's downloads as cc-ci progress, and ends those that make none or have no end.
#pragma once

#include <apt-pkg/acquire.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/method_watch.hpp"

namespace ccci::source::debian {

struct Bounds {
  // A download that fetched more bytes is stopped; 0: no limit.
  std::uint64_t limit = 0;
  // A file that is larger than this and than its expected size is stopped; 0: no limit.
  std::uint64_t largest = 0;
  // A download in which fewer than `least_progress` bytes arrive in this time is stopped. libapt's
  // own timeouts start again with each byte, each redirection and each try.
  std::chrono::milliseconds patience = std::chrono::minutes(1);
};
inline constexpr std::uint64_t least_progress = 4096;  // bytes
// For files of a mirror whose size is not known yet. Debian's InRelease files have 200 kB.
inline constexpr std::uint64_t largest_release = 64U << 20U;

class Status : public pkgAcquireStatus {
 public:
  Status(base::Progress& progress, const Bounds& bounds);

  bool MediaChange(std::string, std::string) override { return false; }  // there is no user to ask
  bool Pulse(pkgAcquire* owner) override;
  void Done(pkgAcquire::ItemDesc& item) override;

  bool too_large() const { return too_large_; }
  // Why this Status stopped the download: [source.silent] or [source.endless].
  const std::optional<base::Error>& stopped() const { return stopped_; }

 private:
  using Clock = std::chrono::steady_clock;

  void tell(pkgAcquire* owner);
  void measure(pkgAcquire* owner);

  base::Progress& progress_;
  Bounds bounds_;
  std::uint64_t told_ = 0;
  std::string item_;
  bool too_large_ = false;
  std::optional<base::Error> stopped_;
  std::uint64_t seen_ = 0;  // all bytes on the disk at `since_`
  Clock::time_point since_ = Clock::now();
  MethodWatch watch_;
};

}  // namespace ccci::source::debian
