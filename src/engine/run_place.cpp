// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/process.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// In the engine's root: says so, waits until its mounts are prepared, and becomes the program. The
// words of the program are arguments, so the shell parses none of them.
constexpr const char* handshake = "printf e >&3 && read -r go <&4 && exec \"$@\" 3>&- 4<&-";

std::vector<std::string> environment() {
  return {std::string("PATH=") + base::standard_path, "LC_ALL=C.UTF-8", "HOME=/run"};
}

// dockerd executes itself again several times for each container and layer. Half of the time of
// such a short process is Go's garbage collector at work on tables of networks that nobody asks
// for. GOGC lets the heap grow to five times what is in use before it collects, GOMEMLIMIT (of
// Go 1.19, the one of Debian 12) bounds that in the engine itself. https://go.dev/doc/gc-guide
std::vector<std::string> daemon_environment() {
  std::vector<std::string> variables = environment();
  variables.insert(variables.end(), {"GOGC=400", "GOMEMLIMIT=256MiB"});
  return variables;
}

}  // namespace

std::vector<std::string> keeper_command(const std::vector<std::string>& entry,
                                        const std::vector<std::string>& program) {
  std::vector<std::string> command = entry;
  for (const std::string& word : std::vector<std::string>{
           // An environment's PATH has only its tools; the daemons call iptables, runc and others.
           "/usr/bin/env", std::string("PATH=") + base::standard_path, "/bin/sh", "-c", handshake,
           "engine"}) {
    command.push_back(word);
  }
  command.insert(command.end(), program.begin(), program.end());
  return command;
}

RunPlace::RunPlace(const fs::path& directory, std::string name, std::vector<std::string> entry)
    : records_(directory), entry_(std::move(entry)), groups_(Cgroups::of(name)) {
  record_.name = std::move(name);
}

base::Result<void> RunPlace::open(Keeping keeping, const std::vector<std::string>& program,
                                  const std::string& socket) {
  record_.boot = boot_id();
  record_.owner = name_process(getpid()).value_or(ProcessName{});
  record_.socket = socket;
  CCCI_TRY(lock_, records_.create(record_));
  CCCI_TRY(const base::Fd directory, base::open_path(path(), O_RDONLY | O_DIRECTORY));
  CCCI_TRY(const base::Fd log,
           base::open_path(path() / "engine.log", O_WRONLY | O_CREAT | O_APPEND, 0600));
  const std::string own = path().native();
  keeping.directory = directory.get();
  keeping.path = own;
  keeping.log = log.get();
  keeping.cgroups = groups_.create();
  keeping.argv = keeper_command(entry_, program);
  keeping.environment = daemon_environment();
  CCCI_TRY(keeper_, Keeper::start(keeping));
  record_.keeper = name_process(keeper_->process()).value_or(ProcessName{});
  return records_.update(record_);
}

base::Result<Companion> RunPlace::start_beside(CompanionCommand command) const {
  command.argv.insert(command.argv.begin(), entry_.begin(), entry_.end());
  const std::vector<std::string> own = environment();
  command.environment.insert(command.environment.begin(), own.begin(), own.end());
  return Companion::start(keeper_->process(), groups_.create(), command);
}

std::string RunPlace::log_tail(std::size_t bytes) const {
  const base::Fd fd(::open((path() / "engine.log").c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found {};
  if (!fd || fstat(fd.get(), &found) != 0) return {};
  const off_t wanted = static_cast<off_t>(bytes);
  const off_t from = std::max<off_t>(0, found.st_size - wanted);
  std::string text(bytes, '\0');
  const ssize_t size = pread(fd.get(), text.data(), text.size(), from);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (from > 0) text.erase(0, std::min(text.size(), text.find('\n') + 1));
  return text;
}

Teardown RunPlace::end(const std::function<void(const fs::path&)>& rescue) {
  const auto begin = Clock::now();
  Teardown result;
  result.peak_memory = groups_.peak_memory();
  result.peak_of_containers = groups_.peak_memory(Cgroups::Part::containers);
  const bool ended = !keeper_ || keeper_->stop(10'000);
  if (rescue && ended) rescue(path() / "data");
  if (lock_) result.left = clear(records_, record_, real_host());
  lock_.reset();
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return result;
}

base::Result<void> RunPlace::keep() {
  record_.kept = true;
  // The record first: a kill between the two steps must not leave an engine that nobody reaps.
  CCCI_CHECK(records_.update(record_));
  keeper_->release();
  kept_ = true;
  return {};
}

}  // namespace ccci::engine
