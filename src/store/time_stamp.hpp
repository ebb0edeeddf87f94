// SPDX-License-Identifier: GPL-3.0-or-later
// The modification times in the store. Programs such as make, ccache and fontconfig trust path and
// time, so the times must tell two versions of a file or directory apart. They must not depend on
// when or where an object was made. So a time comes from an archive or from content.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/hash.hpp"

namespace ccci::store {

// 2 January 1980: the first day that zip can store in every time zone.
inline constexpr std::int64_t normal_time = 315619200;
// ext4 cannot store later times than 2446. No archive is younger than 2242.
inline constexpr std::int64_t latest_time = (std::int64_t{1} << 33U) - 1;

// Which times the entries of a tree have.
enum class Times {
  fixed,  // all have normal_time: small objects, and packages and environments of older versions
  own,    // files and links have their own, and directories the one derived from their digest
};

// A time that an archive gives, within what every file system can store.
inline std::int64_t bounded_time(std::int64_t time) {
  return std::clamp(time, std::int64_t{0}, latest_time);
}

// A time between 1980 and 1997 that depends only on the content. It is older than every target of
// make, so it never causes a rebuild by itself.
inline std::int64_t derived_time(const base::Digest& digest) {
  std::int64_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8U | digest.bytes[static_cast<std::size_t>(i)];
  return normal_time + (value & ((1U << 29U) - 1));
}

}  // namespace ccci::store
