// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/request_queue.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "witness/probe.hpp"

namespace ccci::witness {

namespace {

constexpr std::uint64_t largest_record = 1U << 20U;  // bytes of one file of an answer
constexpr off_t kept_output = 64 << 10;              // bytes kept from the end of a test's output

base::Error cannot(std::string_view code, const std::string& path) {
  return base::fail(code).with("path", path).with_errno(errno);
}

base::Result<void> put(int directory, const std::string& name, std::string_view content,
                       mode_t mode = 0644) {
  const base::Fd file(
      openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file) return base::unexpected(cannot("base.open", name));
  CCCI_CHECK(base::write_all(file.get(), content));
  // The caller's umask must not make the file unreadable for the job's user.
  if (fchmod(file.get(), mode) != 0) return base::unexpected(cannot("base.write", name));
  return {};
}

std::string lines(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

// "PID START": with it the probe checks whether the asking witness still runs. A PID alone may
// belong to another process by then. START is field 22 of stat in proc(5). Fields are counted after
// the process name, because the name may contain any character.
std::string asker() {
  const std::string stat = base::read_file("/proc/self/stat", largest_record).value_or("");
  const std::vector<std::string_view> fields =
      base::split(std::string_view(stat).substr(stat.rfind(')') + 1), ' ');
  constexpr std::size_t start = 20;
  if (fields.size() <= start) return {};
  return std::to_string(getpid()) + " " + std::string(fields[start]) + "\n";
}

// Opens a file that the job's user wrote. Does not follow links and does not wait for a pipe.
base::Result<base::Fd> open_answer(int directory, const std::string& name) {
  CCCI_TRY(base::Fd file, base::open_in_root(directory, "answer/" + name,
                                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return base::unexpected(cannot("base.read", name));
  if (!S_ISREG(status.st_mode)) {
    return base::unexpected(base::fail("witness.answer").with("file", name).with("record", ""));
  }
  return file;
}

base::Result<std::string> read_answer_file(int directory, const std::string& name) {
  CCCI_TRY(const base::Fd file, open_answer(directory, name));
  return base::read_fd(file.get(), largest_record, name);
}

std::string end_of_output(int directory) {
  const auto file = open_answer(directory, "output");
  if (!file) return {};
  const off_t size = lseek(file->get(), 0, SEEK_END);
  lseek(file->get(), size > kept_output ? size - kept_output : 0, SEEK_SET);
  std::string text(static_cast<std::size_t>(kept_output), '\0');
  const ssize_t got = read(file->get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace

base::Result<RequestQueue> RequestQueue::open(const std::filesystem::path& state) {
  const std::filesystem::path path = state / "witness";
  CCCI_CHECK(base::make_directories(path));
  CCCI_TRY(base::Fd directory, base::open_path(path, O_RDONLY | O_DIRECTORY));
  return RequestQueue(path, std::move(directory));
}

base::Result<std::string> RequestQueue::ask(const Request& request) {
  const std::filesystem::path path = path_ / request.name;
  CCCI_CHECK(withdraw(request.name));
  if (mkdirat(directory_.get(), request.name.c_str(), 0700) != 0) {
    return base::unexpected(cannot("base.mkdir", path.native()));
  }
  CCCI_TRY(const base::Fd directory,
           base::open_in_root(directory_.get(), request.name, O_RDONLY | O_DIRECTORY));
  const int fd = directory.get();
  CCCI_CHECK(put(fd, "probe", probe_text(), 0755));
  CCCI_CHECK(put(fd, "test", lines(request.test)));
  CCCI_CHECK(put(fd, "directory", request.directory + "\n"));
  CCCI_CHECK(put(fd, "inside", request.inside + "\n"));
  CCCI_CHECK(put(fd, "tools", lines(request.tools)));
  CCCI_CHECK(put(fd, "commands", lines(request.commands)));
  CCCI_CHECK(put(fd, "variables", lines(request.variables)));
  CCCI_CHECK(put(fd, "expires", std::to_string(request.expires) + "\n"));
  CCCI_CHECK(put(fd, "asker", asker()));
  // Last step: before the request is complete, no other user may enter the directory.
  if (fchown(fd, request.uid, request.gid) != 0 || fchmod(fd, 0755) != 0) {
    return base::unexpected(cannot("base.write", path.native()));
  }
  return (path / "probe").native();
}

bool RequestQueue::answered(const std::string& name) const {
  const std::string done = name + "/answer/done";
  struct stat status {};
  return fstatat(directory_.get(), done.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool RequestQueue::begun(const std::string& name) const {
  const std::string answer = name + "/answer";
  struct stat status {};
  return fstatat(directory_.get(), answer.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

pid_t RequestQueue::process(const std::string& name) const {
  const auto directory =
      base::open_in_root(directory_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return 0;
  const std::string text = read_answer_file(directory->get(), "process").value_or("");
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid > 1 ? pid : 0;
}

base::Result<Answer> RequestQueue::collect(const std::string& name) const {
  CCCI_TRY(const base::Fd directory,
           base::open_in_root(directory_.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const std::string status, read_answer_file(directory.get(), "status"));
  CCCI_TRY(const std::string outside, read_answer_file(directory.get(), "outside"));
  CCCI_TRY(const std::string inside, read_answer_file(directory.get(), "inside"));
  Answer answer;
  CCCI_TRY(answer.seen, read_answer(status, outside, inside));
  answer.output = end_of_output(directory.get());
  return answer;
}

base::Result<void> RequestQueue::withdraw(const std::string& name) {
  return base::remove_tree(directory_.get(), name);
}

base::Result<void> RequestQueue::clear() {
  // An old request that stays would be a test that nobody asked for.
  CCCI_TRY(const std::vector<std::string> names, base::names_in(directory_.get()));
  for (const std::string& name : names) CCCI_CHECK(withdraw(name));
  return {};
}

}  // namespace ccci::witness
