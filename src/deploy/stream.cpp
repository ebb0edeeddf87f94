// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace ccci::deploy {

FdStream::FdStream(int in, int out, std::optional<std::chrono::milliseconds> patience)
    : in_(in), out_(out), patience_(patience) {
  // Or a write that there is room for in part would wait for the rest, however long.
  if (patience_) fcntl(out_, F_SETFL, fcntl(out_, F_GETFL) | O_NONBLOCK);
}

base::Result<void> FdStream::wait(int fd, short events) const {
  if (!patience_) return {};
  const auto end = std::chrono::steady_clock::now() + *patience_;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd watched{fd, events, 0};
    const int ready = poll(&watched, 1, left.count() < 0 ? 0 : static_cast<int>(left.count()) + 1);
    if (ready > 0) return {};
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return base::unexpected(base::fail("deploy.stream").with_errno(errno));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*patience_);
    return base::unexpected(base::fail("deploy.quiet").with("seconds", seconds.count()));
  }
}

base::Result<std::size_t> FdStream::read(char* into, std::size_t room) {
  for (;;) {
    CCCI_CHECK(wait(in_, POLLIN));
    const ssize_t count = ::read(in_, into, room);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR || errno == EAGAIN) continue;
    return base::unexpected(base::fail("deploy.stream").with_errno(errno));
  }
}

base::Result<void> FdStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    CCCI_CHECK(wait(out_, POLLOUT));
    const ssize_t count = ::write(out_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return base::unexpected(base::fail("deploy.stream").with_errno(errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace ccci::deploy
