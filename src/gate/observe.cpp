// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/observe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "base/child.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "gate/supervisor.hpp"

namespace ccci::gate {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto grace = std::chrono::seconds(10);      // for SIGKILL to take effect
constexpr auto last_bytes = std::chrono::seconds(2);  // for a pipe that another process holds open

base::Result<base::Pipe> new_pipe() {
  base::Pipe pipe = base::make_pipe();
  if (!pipe) return base::unexpected(base::fail("gate.supervise").with_errno(errno));
  return pipe;
}

std::string find_program(const Job& job) {
  const std::string& name = job.argv.front();
  if (name.find('/') != std::string::npos) return name;
  for (const std::string& variable : job.environment) {
    if (!variable.starts_with("PATH=")) continue;
    for (const std::string_view directory :
         base::split(std::string_view(variable).substr(5), ':')) {
      std::string candidate = std::string(directory) + "/" + name;
      if (directory.starts_with('/') && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
  }
  return {};
}

class Watch {
 public:
  Watch(const Job& job, pid_t supervisor, base::Pipe out, base::Pipe err, base::Pipe control,
        base::Pipe words)
      : job_(job),
        supervisor_(supervisor),
        out_(std::move(out.read)),
        err_(std::move(err.read)),
        control_(std::move(control.write)),
        words_(std::move(words.read)),
        start_(SteadyClock::now()),
        deadline_(start_ + job.time_limit) {}

  Observation run() {
    while (out_ || err_ || words_) {
      std::array<pollfd, 3> watched{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                    pollfd{words_.get(), POLLIN, 0}};
      const int ready = poll(watched.data(), watched.size(), milliseconds_left());
      if (ready < 0) continue;
      if (ready == 0 || SteadyClock::now() >= deadline_) {
        if (!past_deadline()) break;
        continue;
      }
      if (watched[0].revents != 0 && !drain(out_.get(), seen_.out)) out_.reset();
      if (watched[1].revents != 0 && !drain(err_.get(), seen_.err)) err_.reset();
      if (watched[2].revents != 0 && !listen()) words_.reset();
    }
    finish();
    return std::move(seen_);
  }

 private:
  int milliseconds_left() const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - SteadyClock::now());
    return left.count() < 0 ? 0 : static_cast<int>(std::min<long long>(left.count() + 1, 1 << 30));
  }

  // Returns false to stop waiting.
  bool past_deadline() {
    if (ended_) return false;  // all are dead, but another process holds the pipe open
    if (control_) {
      seen_.timed_out = true;
      control_.reset();
      deadline_ = SteadyClock::now() + grace;
      return true;
    }
    seen_.escaped = true;
    return false;
  }

  bool drain(int fd, Stream& into) {
    std::array<char, 65536> buffer;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    into.total += static_cast<std::uint64_t>(count);
    const auto room = static_cast<std::size_t>(job_.keep - into.kept.size());
    into.kept.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
    return true;
  }

  bool listen() {
    Word word;
    const ssize_t count = read(words_.get(), &word, sizeof word);
    if (count < 0) return errno == EINTR;
    if (count != sizeof word) return false;
    if (word.kind == Word::Kind::started) command_ = word.number;
    if (word.kind == Word::Kind::not_started) {
      seen_.cause = "it cannot be started: " + base::describe_errno(word.number);
    }
    if (word.kind == Word::Kind::ended) {
      ended_ = true;
      seen_.left_running = word.left_running;
      seen_.status = base::exit_status(word.number);
      if (!seen_.timed_out) deadline_ = SteadyClock::now() + last_bytes;
    }
    return true;
  }

  void finish() {
    if (!ended_) {
      kill(supervisor_, SIGKILL);
      if (command_ > 0) kill(-command_, SIGKILL);
      if (seen_.cause.empty()) {
        seen_.cause =
            seen_.escaped ? "its processes do not end after SIGKILL" : "its supervisor was killed";
      }
    }
    while (waitpid(supervisor_, nullptr, 0) < 0 && errno == EINTR) {
    }
    seen_.took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start_);
  }

  const Job& job_;
  pid_t supervisor_;
  pid_t command_ = -1;
  base::Fd out_;
  base::Fd err_;
  base::Fd control_;
  base::Fd words_;
  SteadyClock::time_point start_;
  SteadyClock::time_point deadline_;
  bool ended_ = false;
  Observation seen_;
};

}  // namespace

base::Result<Observation> observe(const Job& job) {
  const std::string program = find_program(job);
  if (program.empty()) {
    Observation seen;
    seen.cause = "'" + job.argv.front() + "' is not on PATH";
    return seen;
  }
  CCCI_TRY(base::Pipe out, new_pipe());
  CCCI_TRY(base::Pipe err, new_pipe());
  CCCI_TRY(base::Pipe control, new_pipe());
  CCCI_TRY(base::Pipe words, new_pipe());
  CCCI_TRY(const base::Fd nothing, base::open_path("/dev/null", O_RDONLY));
  const std::vector<char*> argv = base::exec_words(job.argv);
  const std::vector<char*> environment = base::exec_words(job.environment);
  Orders orders;
  orders.program = program.c_str();
  orders.argv = argv.data();
  orders.environment = environment.data();
  orders.directory = job.directory.c_str();
  orders.mounts = job.mounts;
  orders.in = nothing.get();
  orders.out = out.write.get();
  orders.err = err.write.get();
  orders.control = control.read.get();
  orders.words = words.write.get();
  const pid_t supervisor = fork();
  if (supervisor < 0) return base::unexpected(base::fail("gate.supervise").with_errno(errno));
  if (supervisor == 0) supervise(orders);
  out.write.reset();
  err.write.reset();
  control.read.reset();
  words.write.reset();
  return Watch(job, supervisor, std::move(out), std::move(err), std::move(control),
               std::move(words))
      .run();
}

}  // namespace ccci::gate
