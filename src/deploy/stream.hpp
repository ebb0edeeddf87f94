// SPDX-License-Identifier: GPL-3.0-or-later
// A byte stream to and from the other side.
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
  // Waits for at least one byte. Returns 0 at the end of the stream. [deploy.stream],
  // [deploy.quiet], [deploy.interrupted]
  virtual base::Result<std::size_t> read(char* into, std::size_t room) = 0;
  // Writes all bytes. The errors are those of read().
  virtual base::Result<void> write(std::string_view bytes) = 0;
};

// How long a stream waits for a peer that sends nothing.
struct Patience {
  // The maximum time in which no byte arrives and none can be sent. Empty: no limit.
  std::optional<std::chrono::milliseconds> silence;
  // Called several times a second. True ends the wait.
  std::function<bool()> interrupted;
  // A write that must wait also reads, and received bytes count as a sign of life. On a slow link
  // the peer may not take data for a long time but still send signs of life. If this is set, only
  // one thread may use the stream.
  bool listens_while_writing = false;
};

// A stream over two descriptors. The caller keeps owning them. `out` becomes non-blocking. SIGPIPE
// must be ignored.
class FdStream final : public Stream {
 public:
  FdStream(int in, int out, Patience patience = {});

  base::Result<std::size_t> read(char* into, std::size_t room) override;
  base::Result<void> write(std::string_view bytes) override;

 private:
  // Waits until the stream can be read, or written if `writes`. Returns true if it can be read.
  base::Result<bool> wait(bool writes) const;
  // Reads into `ahead_`. Returns false if nothing was available.
  base::Result<bool> take();

  int in_;
  int out_;
  Patience patience_;
  std::string ahead_;
  bool ended_ = false;
};

}  // namespace ccci::deploy
