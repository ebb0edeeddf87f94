// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroups.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;

constexpr const char* ours = "cc-ci";
constexpr std::uint64_t largest_list = 4U << 20U;
constexpr int deepest = 32;

// Fields of mountinfo: … the mount point is the fifth, the file system's type follows " - ". A
// point that hides another hierarchy, or that is mounted twice, is used once.
std::vector<fs::path> cgroup_mounts(const std::string& mountinfo) {
  std::vector<fs::path> points;
  std::set<std::string_view> devices;
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - cgroup");
    if (dash == std::string_view::npos) continue;
    const auto words = base::split(line.substr(0, dash), ' ');
    if (words.size() < 5 || words[4].find('\\') != std::string_view::npos) continue;
    if (devices.insert(words[2]).second) points.emplace_back(words[4]);
  }
  return points;
}

// The group and all below it, the deepest first. A group that went meanwhile is none. What cannot
// be read must not count as empty: what runs there would live on, unseen.
base::Result<void> collect(const fs::path& group, int depth, std::vector<fs::path>& groups) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(group, error);
  if (depth > deepest || status.type() == fs::file_type::not_found) return {};
  CCCI_TRY(const auto entries, base::entries_of(group));
  for (const fs::directory_entry& entry : entries) {
    if (entry.is_directory(error) && !entry.is_symlink(error))
      CCCI_CHECK(collect(entry.path(), depth + 1, groups));
  }
  groups.push_back(group);
  return {};
}

// Whether the kernel says that there is nothing to read: the group is gone, or its threads are
// listed in a group above it.
bool is_none(const base::Error& error) {
  return error.number == ENOENT || error.number == ENODEV || error.number == EOPNOTSUPP;
}

// Of the group and all below it.
base::Result<void> take_processes(const fs::path& top, std::set<pid_t>& found) {
  std::vector<fs::path> groups;
  CCCI_CHECK(collect(top, 0, groups));
  for (const fs::path& group : groups) {
    const auto fd = base::open_path(group / "cgroup.procs", O_RDONLY);
    const auto text = fd ? base::read_fd(fd->get(), largest_list, group.native())
                         : base::Result<std::string>(base::unexpected(fd.error()));
    if (!text && is_none(text.error())) continue;
    if (!text) return base::unexpected(text.error());
    for (const std::string_view line : base::split(*text, '\n')) {
      pid_t process = 0;
      std::from_chars(line.data(), line.data() + line.size(), process);
      if (process > 0) found.insert(process);
    }
  }
  return {};
}

void write_word(const fs::path& file, std::string_view word) {
  const base::Fd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) static_cast<void>(!write(fd.get(), word.data(), word.size()));
}

std::uint64_t memory_of_host() {
  struct sysinfo about {};
  if (sysinfo(&about) != 0) return 0;
  return static_cast<std::uint64_t>(about.totalram) * about.mem_unit;
}

// Version 2 counts memory only in groups whose parents pass the controller on.
void pass_controllers_on(const fs::path& group) {
  for (const char* controller : {"+memory", "+pids", "+cpu", "+io"}) {
    write_word(group / "cgroup.subtree_control", controller);
  }
}

std::optional<std::uint64_t> read_number(const fs::path& file) {
  const base::Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  const auto text = base::read_fd(fd.get(), 64, file.native());
  std::uint64_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{})
    return std::nullopt;
  return value;
}

}  // namespace

Cgroups::Cgroups(const std::string& name, const std::string& mountinfo)
    : hierarchies_(cgroup_mounts(mountinfo)), name_(name) {}

Cgroups Cgroups::of(const std::string& name) {
  const auto text = base::read_file("/proc/self/mountinfo", largest_list);
  Cgroups groups(name, text.value_or(""));
  if (!text) groups.unseen_ = text.error();
  return groups;
}

std::string Cgroups::containers() const {
  return std::string("/") + ours + "/" + name_ + "/containers";
}

std::uint64_t Cgroups::most_memory(std::uint64_t all) {
  constexpr std::uint64_t part = 8;  // one of so many is the host's
  constexpr std::uint64_t least = 256U << 20U;
  constexpr std::uint64_t most = 2ULL << 30U;
  return all - std::min(all, std::clamp(all / part, least, most));
}

std::vector<base::Fd> Cgroups::create() const {
  std::vector<base::Fd> entries;
  for (const fs::path& point : hierarchies_) {
    const fs::path group = point / ours / name_;
    pass_controllers_on(point);
    // Another engine that ends may remove cc-ci between these calls.
    for (int attempt = 0; attempt < 3; ++attempt) {
      mkdir((point / ours).c_str(), 0755);
      if (mkdir(group.c_str(), 0755) == 0 || errno != ENOENT) break;
    }
    pass_controllers_on(point / ours);
    pass_controllers_on(group);
    if (const std::uint64_t most = most_memory(memory_of_host()); most > 0) {
      for (const char* file : {"memory.max", "memory.limit_in_bytes"})
        write_word(group / file, std::to_string(most));
    }
    for (const char* part : {"engine", "containers"}) {
      mkdir((group / part).c_str(), 0755);
      write_word(group / part / "pids.max", most_processes);
    }
    base::Fd entry(open((group / "engine/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (entry) entries.push_back(std::move(entry));
  }
  return entries;
}

base::Result<std::vector<pid_t>> Cgroups::processes() const {
  if (unseen_) return base::unexpected(*unseen_);
  std::set<pid_t> found;
  for (const fs::path& point : hierarchies_)
    CCCI_CHECK(take_processes(point / ours / name_, found));
  return std::vector<pid_t>(found.begin(), found.end());
}

pid_t Cgroups::process_of(const std::string& container) const {
  std::set<pid_t> found;
  if (container.empty() || container.find_first_of("/.") != std::string::npos) return 0;
  for (const fs::path& point : hierarchies_)
    static_cast<void>(take_processes(point / ours / name_ / "containers" / container, found));
  return found.empty() ? 0 : *found.begin();
}

void Cgroups::kill() const {
  // Version 2 kills a whole group in one call, so that no fork escapes.
  for (const fs::path& point : hierarchies_) {
    write_word(point / ours / name_ / "cgroup.kill", "1");
  }
  for (const pid_t process : processes().value_or(std::vector<pid_t>())) ::kill(process, SIGKILL);
}

std::vector<std::string> Cgroups::remove() const {
  std::vector<std::string> left;
  if (unseen_) left.push_back("/proc/self/mountinfo: " + base::describe_errno(unseen_->number));
  for (const fs::path& point : hierarchies_) {
    std::vector<fs::path> groups;
    if (const auto all = collect(point / ours / name_, 0, groups); !all)
      left.push_back(std::string(all.error().field("path")) + ": " +
                     base::describe_errno(all.error().number));
    for (const fs::path& group : groups) {
      if (rmdir(group.c_str()) != 0 && errno != ENOENT) left.push_back(group.native());
    }
    rmdir((point / ours).c_str());
  }
  return left;
}

std::optional<std::uint64_t> Cgroups::peak_memory(Part part) const {
  for (const fs::path& point : hierarchies_) {
    const fs::path group = point / ours / name_ / (part == Part::containers ? "containers" : "");
    for (const char* file : {"memory.peak", "memory.max_usage_in_bytes"}) {
      if (const auto peak = read_number(group / file)) return peak;
    }
  }
  return std::nullopt;
}

}  // namespace ccci::engine
