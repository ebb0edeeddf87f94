// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to and from the other side.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace ccci::deploy {

class Stream {
 public:
  virtual ~Stream() = default;
  // Waits for at least one byte; 0 at the end. [deploy.stream], [deploy.quiet]
  virtual base::Result<std::size_t> read(char* into, std::size_t room) = 0;
  virtual base::Result<void> write(std::string_view bytes) = 0;  // all of them. [deploy.stream]
};

// Over two descriptors, which stay the caller's. A peer that went away without a word would be
// waited for without end: after `patience` without a byte, or without room for one, it is taken for
// gone. Expects SIGPIPE to be ignored.
class FdStream final : public Stream {
 public:
  FdStream(int in, int out, std::optional<std::chrono::milliseconds> patience = {});

  base::Result<std::size_t> read(char* into, std::size_t room) override;
  base::Result<void> write(std::string_view bytes) override;

 private:
  base::Result<void> wait(int fd, short events) const;

  int in_;
  int out_;
  std::optional<std::chrono::milliseconds> patience_;
};

}  // namespace ccci::deploy
