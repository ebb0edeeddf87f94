// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "seal/activity.hpp"

namespace ccci::seal {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kept_output = 256U << 10U;

// The limits of a run. Time in which its programs were busy moves the deadline.
class Deadline {
 public:
  Deadline(const SealedRun& run, pid_t child)
      : child_(child),
        looks_(run.busy_limit.count() > 0),
        last_(Clock::now() + run.busy_limit),
        at_(seen_ + run.time_limit) {}

  std::chrono::milliseconds left() {
    const auto now = Clock::now();
    if (looks_ && now >= seen_ + look_interval) {
      if (is_busy(child_)) at_ += now - seen_;
      seen_ = now;
    }
    const auto end = looks_ ? std::min({at_, last_, seen_ + look_interval}) : at_;
    if (now >= std::min(at_, looks_ ? last_ : at_)) return {};
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(end - now),
                    std::chrono::milliseconds(1));
  }

  bool was_busy() const { return looks_ && Clock::now() >= last_; }

 private:
  static constexpr std::chrono::seconds look_interval{1};

  pid_t child_;
  bool looks_;
  Clock::time_point seen_ = Clock::now();
  Clock::time_point last_;
  Clock::time_point at_;
};

}  // namespace

OutputEnd read_output(int fd, pid_t child, const SealedRun& run, std::string& output) {
  Deadline deadline(run, child);
  const auto late = [&] {
    return deadline.was_busy() ? OutputEnd::too_slow : OutputEnd::timed_out;
  };
  std::array<char, 16384> block{};
  for (;;) {
    const std::chrono::milliseconds left = deadline.left();
    if (left.count() == 0) return late();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) return late();
    const ssize_t size = read(fd, block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return OutputEnd::closed;
    output.append(block.data(), static_cast<std::size_t>(size));
    if (output.size() > 2 * kept_output) output.erase(0, output.size() - kept_output);
  }
}

}  // namespace ccci::seal
