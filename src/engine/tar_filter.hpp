// SPDX-License-Identifier: GPL-3.0-or-later
// Leaves members out of a stream that is a tar, block by block. All others pass as they are, of any
// size. libarchive's writer would need its XML library, which cc-ci does not link.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/result.hpp"
#include "engine/http.hpp"

namespace ccci::engine {

class TarFilter {
 public:
  // `left_out` are names without "./".
  TarFilter(BodySource from, std::set<std::string> left_out)
      : from_(std::move(from)), left_out_(std::move(left_out)) {}

  // The next piece; empty: the end. [engine.archive], errors of `from`
  base::Result<std::string> next();

 private:
  // Makes `held_` at least so long; shorter only at the end of the stream.
  base::Result<void> hold(std::size_t bytes);
  base::Result<void> member();
  base::Result<std::string> pass();

  BodySource from_;
  std::set<std::string> left_out_;
  std::string held_;          // read and not yet looked at
  std::string before_;        // extended headers of the member that follows
  std::uint64_t left_ = 0;    // bytes of the present member
  bool wanted_ = true;        // that member
  bool rest_passes_ = false;  // after the last member
  bool ended_ = false;
};

}  // namespace ccci::engine
