// SPDX-License-Identifier: GPL-3.0-or-later
// Two ends of one connection, and errors as text.
#pragma once

#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <string>

#include "base/fd.hpp"
#include "deploy/frame.hpp"

namespace ccci::test {

class Wire {
 public:
  Wire() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    near_ = base::Fd(ends[0]);
    far_ = base::Fd(ends[1]);
  }
  int near() const { return near_.get(); }
  int far() const { return far_.get(); }
  void close_near() { near_.reset(); }
  void close_far() { far_.reset(); }

 private:
  base::Fd near_;
  base::Fd far_;
};

// What the other side said, read from memory.
class Recorded final : public deploy::Stream {
 public:
  explicit Recorded(std::string bytes) : bytes_(std::move(bytes)) {}

  base::Result<std::size_t> read(char* into, std::size_t room) override {
    const std::size_t count = std::min(room, bytes_.size() - at_);
    bytes_.copy(into, count, at_);
    at_ += count;
    return count;
  }
  base::Result<void> write(std::string_view bytes) override {
    written_ += bytes;
    return {};
  }
  const std::string& written() const { return written_; }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  std::string written_;
};

inline std::string frame(char kind, std::string_view content, std::size_t length) {
  std::string bytes(1, kind);
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((length >> shift) & 0xffU));
  }
  return bytes + std::string(content);
}
inline std::string frame(char kind, std::string_view content) {
  return frame(kind, content, content.size());
}

}  // namespace ccci::test
