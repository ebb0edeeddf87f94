// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace ccci::deploy {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t most_ahead = 1U << 20U;
constexpr milliseconds between_questions{100};

base::Error failed() {
  return base::fail("deploy.stream", base::Condition::disconnected).with_errno(errno);
}

}  // namespace

FdStream::FdStream(int in, int out, Patience patience)
    : in_(in), out_(out), patience_(std::move(patience)) {
  // Otherwise a write with room for only a part would wait for the rest without a limit.
  fcntl(out_, F_SETFL, fcntl(out_, F_GETFL) | O_NONBLOCK);
}

base::Result<bool> FdStream::wait(bool writes) const {
  const Clock::time_point begun = Clock::now();
  const bool reads =
      !writes || (patience_.listens_while_writing && !ended_ && ahead_.size() < most_ahead);
  for (;;) {
    if (patience_.interrupted && patience_.interrupted()) {
      return base::unexpected(base::fail("deploy.interrupted", base::Condition::interrupted));
    }
    const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
    const milliseconds left =
        patience_.silence ? std::max(milliseconds(0), *patience_.silence - waited) + milliseconds(1)
                          : milliseconds::max();
    const milliseconds slice = patience_.interrupted ? std::min(left, between_questions) : left;
    std::array<pollfd, 2> watched{pollfd{reads ? in_ : -1, POLLIN, 0},
                                  pollfd{writes ? out_ : -1, POLLOUT, 0}};
    const int ready = poll(watched.data(), watched.size(),
                           slice == milliseconds::max() ? -1 : static_cast<int>(slice.count()));
    if (ready > 0) return watched[0].revents != 0;
    if (ready < 0 && errno != EINTR) return base::unexpected(failed());
    if (patience_.silence && Clock::now() - begun >= *patience_.silence) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*patience_.silence);
      return base::unexpected(
          base::fail("deploy.quiet", base::Condition::silent).with("seconds", seconds.count()));
    }
  }
}

base::Result<bool> FdStream::take() {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(in_, buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  if (count < 0) return base::unexpected(failed());
  if (count == 0) ended_ = true;
  ahead_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

base::Result<std::size_t> FdStream::read(char* into, std::size_t room) {
  if (!ahead_.empty()) {
    const std::size_t count = ahead_.copy(into, room);
    ahead_.erase(0, count);
    return count;
  }
  while (!ended_) {
    CCCI_CHECK(wait(false));
    const ssize_t count = ::read(in_, into, room);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) return base::unexpected(failed());
  }
  return 0;
}

base::Result<void> FdStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    CCCI_TRY(const bool readable, wait(true));
    if (readable) CCCI_CHECK(take());
    const ssize_t count = ::write(out_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return base::unexpected(failed());
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace ccci::deploy
