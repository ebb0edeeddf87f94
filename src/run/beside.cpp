// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/beside.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/child.hpp"

namespace ccci::run {

namespace {

using Clock = std::chrono::steady_clock;

// The keeper of the engine reaps the program, so a shell tells its status. The program's words are
// arguments: the shell parses none of them.
constexpr const char* script = "\"$@\"; printf '\\ncc-ci-status %d\\n' $?";
constexpr std::string_view mark = "\ncc-ci-status ";

void take_status(Finished& finished) {
  const std::size_t at = finished.output.rfind(mark);
  finished.status = -1;
  if (at == std::string::npos) return;
  const char* const begin = finished.output.data() + at + mark.size();
  std::from_chars(begin, finished.output.data() + finished.output.size(), finished.status);
  finished.output.resize(at);
}

}  // namespace

base::Result<Finished> finish(const StartProgram& start, engine::CompanionCommand command,
                              std::chrono::seconds limit, const Stopping& stopping,
                              std::size_t kept) {
  base::Pipe pipe = base::make_pipe();
  if (!pipe)
    return base::unexpected(base::fail("engine.denied").with("step", "a pipe").with_errno(errno));
  std::vector<std::string> argv{"/bin/sh", "-c", script, "sh"};
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(argv);
  command.output = pipe.write.get();
  CCCI_TRY(engine::Companion companion, start(std::move(command)));
  pipe.write.reset();
  Finished finished;
  const auto deadline = Clock::now() + limit;
  std::array<char, 16384> buffer{};
  for (;;) {
    pollfd waiting{pipe.read.get(), POLLIN, 0};
    if (poll(&waiting, 1, 100) > 0) {
      const ssize_t size = read(pipe.read.get(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) break;
      finished.output.append(buffer.data(), static_cast<std::size_t>(size));
      if (finished.output.size() > 2 * kept)
        finished.output.erase(0, finished.output.size() - kept);
    } else if (finished.output.find(mark) != std::string::npos && !companion.runs()) {
      break;  // a child of it still has the pipe
    }
    finished.stopped = stopping() != Stop::no;
    if (finished.stopped || Clock::now() > deadline) {
      companion.end();
      break;
    }
  }
  take_status(finished);
  return finished;
}

}  // namespace ccci::run
