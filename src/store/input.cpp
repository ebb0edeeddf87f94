// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/input.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ccci::store {

base::Result<std::string_view> Input::read(std::size_t most) {
  while (at_ == end_) {
    const ssize_t count = ::read(file_.get(), buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::unexpected(base::fail("base.read").with_errno(errno));
    if (count == 0) return std::string_view{};
    at_ = 0;
    end_ = static_cast<std::size_t>(count);
    hasher_.update(std::string_view(buffer_.data(), end_));
  }
  const std::size_t length = std::min(most, end_ - at_);
  const std::string_view piece(buffer_.data() + at_, length);
  at_ += length;
  return piece;
}

base::Result<std::string> Input::take(std::size_t count) {
  std::string taken;
  while (taken.size() < count) {
    CCCI_TRY(const std::string_view piece, read(count - taken.size()));
    if (piece.empty()) break;
    taken += piece;
  }
  return taken;
}

base::Result<base::Digest> Input::finish() {
  for (;;) {
    CCCI_TRY(const std::string_view piece, read(buffer_.size()));
    if (piece.empty()) return hasher_.finish();
  }
}

}  // namespace ccci::store
