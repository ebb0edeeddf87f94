// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to and from the other side.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::deploy {

class Stream {
 public:
  virtual ~Stream() = default;
  // Waits for at least one byte; 0 at the end. [deploy.stream], [deploy.quiet],
  // [deploy.interrupted]
  virtual base::Result<std::size_t> read(char* into, std::size_t room) = 0;
  // All of them. Errors as above.
  virtual base::Result<void> write(std::string_view bytes) = 0;
};

// How long a peer is waited for that went away without a word.
struct Patience {
  // Without a byte from it, or room for one to it; nothing: without end.
  std::optional<std::chrono::milliseconds> silence;
  // Asked several times a second.
  std::function<bool()> interrupted;
  // What comes while there is no room is taken in, and counts: on a slow link a peer that tells
  // that it is there is none that has gone. Then only one thread may use the stream.
  bool listens_while_writing = false;
};

// Over two descriptors, which stay the caller's and do not block from then on. Expects SIGPIPE to
// be ignored.
class FdStream final : public Stream {
 public:
  FdStream(int in, int out, Patience patience = {});

  base::Result<std::size_t> read(char* into, std::size_t room) override;
  base::Result<void> write(std::string_view bytes) override;

 private:
  // Until it can be read from, or written to where `writes`. True: can be read from.
  base::Result<bool> wait(bool writes) const;
  // Into `ahead_`. False where there was nothing yet.
  base::Result<bool> take();

  int in_;
  int out_;
  Patience patience_;
  std::string ahead_;
  bool ended_ = false;
};

}  // namespace ccci::deploy
