// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

constexpr std::uint64_t largest_lock_list = 16U << 20U;
constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{50};

int operation(LockMode mode) { return mode == LockMode::shared ? LOCK_SH : LOCK_EX; }

std::string describe_process(const std::string& pid) {
  if (pid == "0" || pid.empty() || pid[0] == '-') return "a process in another container";
  const auto name = read_file("/proc/" + pid + "/comm", 4096);
  return "process " + pid + (name ? " (" + printable(trim(*name)) + ")" : "");
}

}  // namespace

Result<Fd> open_lock_file(int directory, const std::string& name, unsigned mode) {
  const auto failed = [&] {
    return unexpected(fail("base.open").with("path", name).with_errno(errno));
  };
  Fd file(openat(directory, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                 mode));
  if (!file) return failed();
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) {
    errno = EINVAL;
    return failed();
  }
  // An older cc-ci made lock files that everybody could open.
  if ((status.st_mode & 0777U & ~mode) != 0 && status.st_uid == geteuid()) {
    if (fchmod(file.get(), mode) != 0) return failed();
  }
  return file;
}

bool try_lock(int fd, LockMode mode) {
  int result = 0;
  do {
    result = flock(fd, operation(mode) | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

Result<void> take_lock(int fd, LockMode mode, const LockWait& wait) {
  const auto start = std::chrono::steady_clock::now();
  bool told = false;
  std::chrono::milliseconds pause = first_pause;
  while (!try_lock(fd, mode)) {
    if (errno != EWOULDBLOCK) {
      return unexpected(fail("base.lock").with("lock", wait.name).with_errno(errno));
    }
    const auto waited = std::chrono::steady_clock::now() - start;
    if (waited >= wait.longest) {
      const auto seconds =
          static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(wait.longest).count());
      const std::string holder = lock_holder(fd);
      return unexpected(fail("base.lock-busy", Condition::busy)
                            .with("lock", wait.name)
                            .with("holder", holder.empty() ? "another process" : holder)
                            .with("cause", "still held after " + counted(seconds, "second")));
    }
    if (!told && waited >= wait.quiet) {
      const std::string holder = lock_holder(fd);
      wait.progress.note("waiting for " + (holder.empty() ? "another process" : holder) +
                         ", which holds the " + wait.name);
      told = true;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, longest_pause);
  }
  return {};
}

// A line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 fd:01:131 0 EOF". Lines with "->" are
// processes that wait. The device is not compared, because btrfs gives each subvolume its own.
std::string lock_holder(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return {};
  const auto locks = read_file("/proc/locks", largest_lock_list);
  if (!locks) return {};
  const std::string inode = ":" + std::to_string(status.st_ino);
  for (const std::string_view line : split(*locks, '\n')) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
    }
    if (words.size() < 6 || words[1] != "FLOCK" || !words[5].ends_with(inode)) continue;
    return describe_process(std::string(words[4]));
  }
  return {};
}

}  // namespace ccci::base
