// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/daemons.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::engine {

namespace {

constexpr const char* engine_name = "dockerd";
constexpr const char* runner_name = "containerd";
constexpr const char* runner_socket = "/run/containerd/containerd.sock";
constexpr std::string_view runner_option = "--containerd";
constexpr std::uint64_t longest_status = 4096;
constexpr std::uint64_t longest_line = 128U << 10U;

struct Running {
  pid_t number = 0;
  std::string name;
  char state = '?';
  pid_t parent = 0;
};

std::optional<Running> look_at_process(const std::string& number) {
  const auto text = base::read_file("/proc/" + number + "/stat", longest_status);
  if (!text) return std::nullopt;
  // proc(5): "1234 (name) S 1 …". The name may contain blanks and parentheses.
  const std::size_t begin = text->find('(');
  const std::size_t end = text->rfind(')');
  if (begin == std::string::npos || end == std::string::npos) return std::nullopt;
  const auto fields = base::split(std::string_view(*text).substr(end + 1), ' ');
  if (fields.size() < 3 || fields[1].size() != 1) return std::nullopt;
  Running found;
  found.name = text->substr(begin + 1, end - begin - 1);
  found.state = fields[1].front();
  std::from_chars(number.data(), number.data() + number.size(), found.number);
  std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), found.parent);
  return found;
}

std::vector<Running> children_of(pid_t parent, std::string_view name) {
  std::vector<Running> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; entry != end;
       entry.increment(error)) {
    const std::string number = entry->path().filename().native();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    auto one = look_at_process(number);
    if (one && one->parent == parent && one->name == name) found.push_back(std::move(*one));
  }
  return found;
}

// The containerd that serves an engine which did not start one: as its arguments say.
std::string socket_of_runner(pid_t engine) {
  const std::string process = "/proc/" + std::to_string(engine);
  std::string socket = runner_socket;
  const std::string line = base::read_file(process + "/cmdline", longest_line).value_or("");
  bool next = false;
  for (const std::string_view word : base::split(line, '\0')) {
    if (next) socket = word;
    next = word == runner_option;
    if (word.starts_with(runner_option) && word.substr(runner_option.size()).starts_with('='))
      socket = word.substr(runner_option.size() + 1);
  }
  return process + "/root" + socket;
}

}  // namespace

base::Result<pid_t> owner_of(const std::string& socket) {
  const auto failed = [&](int number) {
    return base::unexpected(
        base::fail("engine.no-engine").with("socket", socket).with_errno(number));
  };
  const base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return failed(ENAMETOOLONG);
  std::copy(socket.begin(), socket.end(), std::begin(address.sun_path));
  if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed(errno);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return failed(errno);
  return peer.pid;
}

void Daemons::watch(std::string name, pid_t number) {
  base::Fd process(static_cast<int>(syscall(SYS_pidfd_open, number, 0U)));
  if (process) watched_.push_back({std::move(name), number, std::move(process)});
}

Daemons Daemons::of(pid_t process) {
  Daemons daemons;
  pid_t engine = 0;
  if (const auto self = look_at_process(std::to_string(process)); self && self->name == engine_name)
    engine = process;
  if (engine == 0) {
    const std::vector<Running> started = children_of(process, engine_name);
    // Of several nobody knows which one serves the socket.
    if (started.size() != 1) return daemons;
    engine = started.front().number;
  }
  daemons.watch(engine_name, engine);
  const std::vector<Running> runners = children_of(engine, runner_name);
  for (const Running& runner : runners) daemons.watch(runner.name, runner.number);
  if (!runners.empty()) return daemons;
  const auto owner = owner_of(socket_of_runner(engine));
  if (!owner) return daemons;
  const auto runner = look_at_process(std::to_string(*owner));
  if (runner && runner->name == runner_name) daemons.watch(runner_name, *owner);
  return daemons;
}

base::Result<void> Daemons::check() const {
  const auto lost = [](const Watched& daemon, const char* what) {
    return base::unexpected(
        base::fail("engine.lost").with("daemon", daemon.name).with("what", what));
  };
  for (const Watched& daemon : watched_) {
    pollfd waiting{daemon.process.get(), POLLIN, 0};
    if (poll(&waiting, 1, 0) > 0) return lost(daemon, "has ended");
    const auto now = look_at_process(std::to_string(daemon.number));
    if (now && (now->state == 'T' || now->state == 't')) return lost(daemon, "is stopped");
  }
  return {};
}

}  // namespace ccci::engine
