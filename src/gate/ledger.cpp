// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/ledger.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "base/lock_file.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_ledger = 256U << 20U;
constexpr std::chrono::minutes longest_wait{2};
constexpr std::chrono::milliseconds readers_pause{20};
constexpr std::chrono::milliseconds readers_patience{500};

base::Error failed(std::string_view code, const fs::path& path) {
  return base::fail(code).with("path", path.native()).with_errno(errno);
}

}  // namespace

struct Ledger::Locked {
  base::Fd lock;
  base::Fd fd;
  base::Fd directory;
  std::string text;
  bool created = false;
};

namespace {

// Removes a file that was created for a first record if this record was then refused: a refused
// claim must not change the work tree. We hold the ledger's lock, so no other process has written
// to it.
class Discard {
 public:
  Discard(int directory, std::string name, bool armed)
      : directory_(directory), name_(std::move(name)), armed_(armed) {}
  ~Discard() {
    if (armed_) unlinkat(directory_, name_.c_str(), 0);
  }
  Discard(const Discard&) = delete;
  Discard& operator=(const Discard&) = delete;
  void keep() { armed_ = false; }

 private:
  int directory_;
  std::string name_;
  bool armed_;
};

}  // namespace

Ledger::Ledger(fs::path file, std::string name, Checkpoints checkpoints, base::Disk& disk)
    : file_(std::move(file)),
      name_(std::move(name)),
      checkpoints_(std::move(checkpoints)),
      disk_(disk),
      lock_file_(file_.parent_path() / ("." + file_.filename().native() + ".lock")) {}

void Ledger::lock_with(fs::path lock_file, base::Progress& progress) {
  lock_file_ = std::move(lock_file);
  progress_ = &progress;
}

// Everybody who may read the ledger could hold a lock on it. So the lock is another file, which
// only those can open who may write to its directory.
base::Result<base::Fd> Ledger::lock_writers() {
  CCCI_TRY(const base::Fd directory,
           base::open_path(lock_file_.parent_path(), O_RDONLY | O_DIRECTORY));
  struct stat status {};
  if (fstat(directory.get(), &status) != 0) {
    return base::unexpected(failed("base.open", lock_file_.parent_path()));
  }
  const unsigned mode = (status.st_mode & S_IWGRP) != 0 ? 0660 : 0600;
  CCCI_TRY(base::Fd lock,
           base::open_lock_file(directory.get(), lock_file_.filename().native(), mode));
  // Otherwise a user could no longer write to their own ledger after root did.
  if (geteuid() == 0 && fchown(lock.get(), status.st_uid, status.st_gid) != 0) {
    return base::unexpected(failed("base.open", lock_file_));
  }
  CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive,
                             {"lock of the ledger", *progress_, longest_wait}));
  return lock;
}

// A reader waits for a writer if it may open the lock. Otherwise it reads again while the last line
// is torn.
base::Result<base::Fd> Ledger::lock_readers() const {
  base::Fd lock(open(lock_file_.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (lock) {
    CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::shared,
                               {"lock of the ledger", *progress_, longest_wait}));
  }
  return lock;
}

base::Result<Ledger::Locked> Ledger::lock(bool shared) {
  // A committed link must not lead the ledger out of the repository.
  CCCI_TRY(base::Fd directory,
           base::open_path(file_.parent_path(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const std::string name = file_.filename().native();
  // Not a link and not a pipe: appends must go to the file in the repository.
  const int flags = (shared ? O_RDONLY : O_RDWR | O_APPEND) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  CCCI_TRY(base::Fd lock, shared ? lock_readers() : lock_writers());
  auto pause = lock ? readers_patience : std::chrono::milliseconds(0);
  for (;;) {
    int number = openat(directory.get(), name.c_str(), flags);
    const bool create = number < 0 && errno == ENOENT && !shared;
    if (create) number = openat(directory.get(), name.c_str(), flags | O_CREAT | O_EXCL, 0644);
    if (create && number < 0 && errno == EEXIST) continue;  // another process was first
    if (number < 0 && errno == ENOENT && shared) return Locked{};
    if (number < 0) return base::unexpected(failed("base.open", file_));
    base::Fd fd(number);
    struct stat opened {};
    if (fstat(fd.get(), &opened) != 0) return base::unexpected(failed("base.open", file_));
    if (!S_ISREG(opened.st_mode)) {
      errno = EINVAL;
      return base::unexpected(failed("base.open", file_));
    }
    CCCI_TRY(std::string text, base::read_fd(fd.get(), largest_ledger, file_.native()));
    if (shared && !text.empty() && text.back() != '\n' && pause < readers_patience) {
      std::this_thread::sleep_for(readers_pause);
      pause += readers_pause;
      continue;
    }
    return Locked{std::move(lock), std::move(fd), std::move(directory), std::move(text), create};
  }
}

base::Result<Audit> Ledger::judge(std::string_view text, const Trust& trust) {
  CCCI_TRY(const std::optional<Checkpoint> checkpoint, checkpoints_.load(name_));
  const fs::path shown = file_.parent_path().filename() / file_.filename();
  return audit(text, shown.native(), trust, checkpoint);
}

base::Result<Audit> Ledger::read(const Trust& trust) {
  CCCI_TRY(const Locked locked, lock(true));
  CCCI_TRY(Audit found, judge(locked.text, trust));
  if (found.holds() && !found.entries.empty()) {
    const Entry& last = found.entries.back();
    CCCI_CHECK(checkpoints_.advance(name_, {last.record.seq, last.digest}));
  }
  return found;
}

base::Result<std::vector<Entry>> Ledger::entries(const Trust& trust) {
  CCCI_TRY(Audit found, read(trust));
  if (!found.holds()) return base::unexpected(base::together(std::move(found.findings)));
  return std::move(found.entries);
}

base::Result<Entry> Ledger::append(const Draft& draft, const PrivateKey& key, const Trust& trust,
                                   const Allows& allows) {
  CCCI_TRY(const Locked locked, lock(false));
  Discard discard(locked.directory.get(), file_.filename().native(), locked.created);
  CCCI_TRY(Audit found, judge(locked.text, trust));
  if (!found.holds()) return base::unexpected(base::together(std::move(found.findings)));
  CCCI_CHECK(allows(found.entries));
  // Before the record is written: a claim that says "failed" must not be in the ledger.
  CCCI_CHECK(checkpoints_.prepare());
  Entry entry;
  if (!found.entries.empty()) {
    entry.record.seq = found.entries.back().record.seq;
    entry.record.previous = found.entries.back().digest;
  }
  ++entry.record.seq;
  entry.record.type = draft.type;
  entry.record.time = draft.time;
  entry.record.payload = draft.payload;
  entry.record.sign(key);
  entry.line = static_cast<int>(found.entries.size()) + 1;
  const std::string line = entry.record.line();
  entry.digest = base::sha256(line);
  if (line.size() > longest_line) {
    return base::unexpected(base::fail("gate.record-too-long")
                                .with("bytes", static_cast<long long>(line.size()))
                                .with("limit", static_cast<long long>(longest_line)));
  }
  CCCI_CHECK(write_line(locked, line + "\n"));
  discard.keep();
  // The record is durable, so this is no error any more. The next reader advances the checkpoint.
  if (auto advanced = checkpoints_.advance(name_, {entry.record.seq, entry.digest}); !advanced) {
    progress_->note("the record is in the ledger, but its checkpoint could not be written: " +
                    std::string(advanced.error().field("cause")));
  }
  return entry;
}

// The line may be incomplete or not durable. It was not acknowledged, so it is taken back, durably:
// a command that says "failed" must not leave a record that a crash brings back.
base::Result<void> Ledger::write_line(const Locked& locked, const std::string& line) {
  const int fd = locked.fd.get();
  auto done = base::write_all(fd, line);
  if (done) done = disk_.sync(fd);
  // For the first record, also syncs the directory, so that the file's name is durable.
  if (done && locked.text.empty()) done = disk_.sync(locked.directory.get());
  if (done) return {};
  base::Error error = std::move(done).error();
  if (error.field("path").empty()) error.fields.push_back({"path", file_.native()});
  const bool back = ftruncate(fd, static_cast<off_t>(locked.text.size())) == 0 && disk_.sync(fd);
  if (back) return base::unexpected(std::move(error));
  base::Error left = base::fail("gate.record-left")
                         .with("path", file_.native())
                         .with("cause", error.field("cause"));
  return base::unexpected(std::move(left));
}

base::Result<Repair> Ledger::repair(const Trust& trust) {
  CCCI_TRY(const Locked locked, lock(false));
  const Discard discard(locked.directory.get(), file_.filename().native(), locked.created);
  CCCI_TRY(Audit found, judge(locked.text, trust));
  Repair repair;
  if (found.torn_bytes == 0) {
    if (!found.holds()) return base::unexpected(base::together(std::move(found.findings)));
    return repair;
  }
  std::vector<base::Error> others;
  for (base::Error& finding : found.findings) {
    if (finding.is(base::Condition::torn)) continue;
    if (finding.is(base::Condition::truncated)) finding.code = "gate.ledger-acknowledged";
    others.push_back(std::move(finding));
  }
  if (!others.empty()) return base::unexpected(base::together(std::move(others)));
  const std::string_view torn = std::string_view(locked.text).substr(found.whole_bytes);
  repair.bytes = torn.size();
  repair.kept = file_;
  repair.kept += ".torn-" + base::sha256(torn).short_hex();
  CCCI_CHECK(base::replace_file(repair.kept, torn, 0644, disk_));
  if (ftruncate(locked.fd.get(), static_cast<off_t>(found.whole_bytes)) != 0) {
    return base::unexpected(failed("base.write", file_));
  }
  CCCI_CHECK(disk_.sync(locked.fd.get()));
  return repair;
}

}  // namespace ccci::gate
