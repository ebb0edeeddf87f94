// SPDX-License-Identifier: GPL-3.0-or-later
// Reports libapt's downloads as cc-ci progress.
#pragma once

#include <apt-pkg/acquire.h>

#include <cstdint>

#include "base/progress.hpp"

namespace ccci::source::debian {

class Status : public pkgAcquireStatus {
 public:
  // `limit`: the download is stopped when it has fetched more bytes than that; 0: no limit.
  explicit Status(base::Progress& progress, std::uint64_t limit = 0)
      : progress_(progress), limit_(limit) {}

  bool MediaChange(std::string, std::string) override { return false; }  // there is no user to ask
  bool Pulse(pkgAcquire* owner) override;
  void Done(pkgAcquire::ItemDesc& item) override;

  bool too_large() const { return too_large_; }

 private:
  void tell(pkgAcquire* owner);

  base::Progress& progress_;
  std::uint64_t limit_;
  std::uint64_t told_ = 0;
  std::string item_;
  bool too_large_ = false;
};

}  // namespace ccci::source::debian
