// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/namespaces.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/directory.hpp"
#include "base/fd.hpp"
#include "base/process.hpp"
#include "enter/entrypoint.hpp"
#include "host/entrypoint_object.hpp"

namespace ccci::host {

namespace fs = std::filesystem;

namespace {

// enter/mounts.hpp and enter/entrypoint.hpp
constexpr const char* kept_directory = "/run/cc-ci/ns";
const std::string marker = std::string("/") + enter::marker_file;

// Whether the environment of this namespace has lost its files. A child joins it, because a process
// cannot leave a namespace that it joined when it has threads.
bool is_deleted(const fs::path& kept) {
  const base::Fd file(::open(kept.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return false;
  const pid_t child = fork();
  if (child == 0) {
    // Only system calls: another thread may have held any lock when this one was copied.
    if (setns(file.get(), CLONE_NEWNS) != 0) _exit(0);
    _exit(access(marker.c_str(), F_OK) != 0 && errno == ENOENT ? 1 : 0);
  }
  if (child < 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

}  // namespace

base::Result<void> release_namespace(const std::string& environment) {
  if (geteuid() != 0) return {};  // namespaces are kept only for entries by root
  CCCI_TRY(const std::filesystem::path launcher, find_launcher());
  base::Command command;
  command.argv = {launcher.native(), "--release", environment};
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0) {
    return base::unexpected(base::fail("host.release")
                                .with("environment", environment)
                                .with("status", outcome.status)
                                .with("output", outcome.err));
  }
  return {};
}

base::Result<std::vector<std::string>> release_deleted() {
  std::vector<std::string> released;
  if (geteuid() != 0) return released;
  std::set<std::string> deleted;
  CCCI_TRY(const auto entries, base::entries_of(kept_directory));
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.')) continue;  // a record of the launcher (enter/cache.hpp)
    if (is_deleted(entry.path())) deleted.insert(name.substr(0, name.find('-')));
  }
  for (const std::string& environment : deleted) {
    CCCI_CHECK(release_namespace(environment));
    released.push_back(environment);
  }
  return released;
}

}  // namespace ccci::host
