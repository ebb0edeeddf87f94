// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.hpp"

namespace ccci::report {

Output::Output(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

void Output::add(std::string_view text) {
  constexpr std::size_t plenty = 1U << 16U;
  gathered_ += text;
  if (gathered_.size() >= plenty) drain();
}

void Output::line(std::string_view text) {
  add(base::printable(text));
  add("\n");
}

base::Result<void> Output::flush() {
  drain();
  if (problem_ != 0) {
    return base::unexpected(base::fail("base.write").with("path", name_).with_errno(problem_));
  }
  return {};
}

void Output::drain() {
  std::string_view rest = gathered_;
  while (!rest.empty() && problem_ == 0 && !reader_gone_) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      reader_gone_ = true;
    } else if (errno == EAGAIN) {
      // Another process on this terminal made it non-blocking.
      pollfd ready{fd_, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      problem_ = errno;
    }
  }
  gathered_.clear();
}

}  // namespace ccci::report
