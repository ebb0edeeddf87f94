// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/tree_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/files.hpp"
#include "store/tree.hpp"

namespace ccci::store {

namespace {

// Write-back starts after each such step, while the rest is still being decompressed. So the one
// syncfs at the end has little to do.
constexpr std::uint64_t write_back_step = 8U << 20U;

base::Error refuse_entry(std::string_view code, std::string_view member) {
  return base::fail(code).with("member", member.substr(0, 400));
}

base::Error cannot(std::string_view member, int number) {
  return base::fail("base.write").with("path", member).with_errno(number);
}

}  // namespace

const Entry* TreeWriter::find(const std::string& path) const {
  const auto found = index_.find(path);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

base::Result<void> TreeWriter::make_directory(const std::string& path) {
  CCCI_TRY(const base::Place at, parents_.of(path));
  if (mkdirat(at.directory, at.name.c_str(), 0755) != 0) {
    return base::unexpected(cannot(path, errno));
  }
  return {};
}

base::Result<void> TreeWriter::make_parents(const std::string& path, std::string_view member) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (const Entry* entry = find(parent)) {
      if (entry->type == Entry::Type::directory) continue;
      const bool link = entry->type == Entry::Type::link;
      return base::unexpected(refuse_entry(link ? "store.below-link" : "store.below-file", member)
                                  .with("parent", parent));
    }
    CCCI_CHECK(budget_.spend_entry());
    CCCI_CHECK(make_directory(parent));
    Entry made;
    made.type = Entry::Type::directory;
    made.path = parent;
    CCCI_CHECK(add(std::move(made), {}));
  }
  return {};
}

base::Result<std::string> TreeWriter::prepare(std::string_view member) {
  CCCI_CHECK(budget_.spend_entry());
  CCCI_TRY(std::string path, place(member, shape_, budget_.limits()));
  CCCI_CHECK(make_parents(path, member));
  return path;
}

base::Result<void> TreeWriter::add(Entry entry, std::string_view member) {
  index_.emplace(entry.path, entries_.size());
  entries_.push_back(std::move(entry));
  members_.emplace_back(member);
  return {};
}

base::Result<bool> TreeWriter::repeats(const Entry& entry, std::string_view member) const {
  const auto found = index_.find(entry.path);
  if (found == index_.end()) return false;
  const Entry& there = entries_[found->second];
  const std::string& before = members_[found->second];
  const auto plain = [](std::string_view name) {
    if (name.starts_with("./")) name.remove_prefix(2);
    while (name.ends_with('/')) name.remove_suffix(1);
    return name;
  };
  // A directory may occur twice. Any other member may occur twice only under the two names of a
  // merged directory, and only if both are identical. Their times may differ: the first one holds.
  if (there.type == Entry::Type::directory && entry.type == there.type) return true;
  Entry same = entry;
  same.time = there.time;
  if (there == same && plain(before) != plain(member)) return true;
  return base::unexpected(refuse_entry("store.duplicate", member).with("first", before));
}

base::Result<void> TreeWriter::directory(std::string_view member) {
  Entry entry;
  entry.type = Entry::Type::directory;
  CCCI_TRY(entry.path, prepare(member));
  if (entry.path.empty()) return {};
  CCCI_TRY(const bool repeated, repeats(entry, member));
  if (repeated) return {};
  CCCI_CHECK(make_directory(entry.path));
  return add(std::move(entry), member);
}

base::Result<void> TreeWriter::link(std::string_view member, std::string_view target, Time time) {
  if (shape_ == Shape::merged_usr && says_merged(member, target)) return {};
  Entry entry;
  entry.type = Entry::Type::link;
  entry.target = target;
  CCCI_TRY(entry.path, prepare(member));
  if (entry.path.empty() || target.empty()) {
    return base::unexpected(refuse_entry("store.name-escapes", member));
  }
  if (target.size() >= PATH_MAX) {
    return base::unexpected(refuse_entry("store.name-too-long", member));
  }
  CCCI_TRY(const bool repeated, repeats(entry, member));
  if (repeated) return {};
  CCCI_TRY(const base::Place at, parents_.of(entry.path));
  if (times_ == Times::own) {
    entry.time = time ? bounded_time(*time) : derived_time(base::sha256(entry.target));
  }
  const struct timespec times[2] = {{entry.time, 0}, {entry.time, 0}};
  if (symlinkat(entry.target.c_str(), at.directory, at.name.c_str()) != 0 ||
      utimensat(at.directory, at.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return base::unexpected(cannot(member, errno));
  }
  return add(std::move(entry), member);
}

base::Result<void> TreeWriter::hard_link(std::string_view member, std::string_view target) {
  CCCI_TRY(const std::string path, prepare(member));
  if (path.empty()) return base::unexpected(refuse_entry("store.name-escapes", member));
  const auto from = place(target, shape_, budget_.limits());
  const Entry* there = from ? find(*from) : nullptr;
  if (there == nullptr || there->type != Entry::Type::file) {
    return base::unexpected(refuse_entry("store.hard-link", member).with("target", target));
  }
  Entry entry = *there;
  entry.path = path;
  CCCI_TRY(const bool repeated, repeats(entry, member));
  if (repeated) return {};
  if (const auto script = env_scripts_.find(*from); script != env_scripts_.end()) {
    env_scripts_.emplace(path, script->second);
  }
  CCCI_TRY(const base::Place old, parents_.of(*from));
  // A descriptor of our own, because the next call of of() may close this one.
  const base::Fd source(fcntl(old.directory, F_DUPFD_CLOEXEC, 0));
  CCCI_TRY(const base::Place at, parents_.of(path));
  // Without AT_SYMLINK_FOLLOW, so a link is never followed.
  if (linkat(source.get(), old.name.c_str(), at.directory, at.name.c_str(), 0) != 0) {
    return base::unexpected(cannot(member, errno));
  }
  return add(std::move(entry), member);
}

base::Result<void> TreeWriter::begin_file(std::string_view member, bool executable, Time time) {
  current_ = Entry{};
  time_ = time;
  head_.clear();
  current_.executable = executable;
  current_member_ = member;
  unwritten_ = 0;
  CCCI_TRY(current_.path, prepare(member));
  if (current_.path.empty()) return base::unexpected(refuse_entry("store.name-escapes", member));
  file_.reset();
  if (find(current_.path) != nullptr) return {};  // end_file compares it
  CCCI_TRY(const base::Place at, parents_.of(current_.path));
  const mode_t mode = executable ? 0755 : 0644;
  file_ = base::Fd(openat(at.directory, at.name.c_str(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  // The umask may change the mode of openat.
  if (!file_ || fchmod(file_.get(), mode) != 0) return base::unexpected(cannot(member, errno));
  return {};
}

base::Result<void> TreeWriter::data(std::string_view bytes) {
  CCCI_CHECK(budget_.spend_bytes(bytes.size()));
  hasher_.update(bytes);
  if (head_.size() < longest_first_line) {
    head_ += bytes.substr(0, longest_first_line - head_.size());
  }
  current_.size += bytes.size();
  if (!file_) return {};
  if (auto written = base::write_all(file_.get(), bytes); !written) {
    return base::unexpected(std::move(written).error().with("path", current_member_));
  }
  unwritten_ += bytes.size();
  if (unwritten_ >= write_back_step) {
    sync_file_range(file_.get(), static_cast<off64_t>(current_.size - unwritten_),
                    static_cast<off64_t>(unwritten_), SYNC_FILE_RANGE_WRITE);
    unwritten_ = 0;
  }
  return {};
}

base::Result<void> TreeWriter::zeros(std::uint64_t count) {
  static constexpr std::array<char, 65536> nothing{};
  while (count != 0) {
    const std::uint64_t piece = std::min<std::uint64_t>(count, nothing.size());
    CCCI_CHECK(data({nothing.data(), static_cast<std::size_t>(piece)}));
    count -= piece;
  }
  return {};
}

void TreeWriter::note_script() {
  const std::string line = env_line(head_);
  if (!line.empty()) env_scripts_.emplace(current_.path, line);
}

base::Result<void> TreeWriter::end_file() {
  current_.content = hasher_.finish();
  CCCI_TRY(const bool repeated, repeats(current_, current_member_));
  if (repeated) return {};
  if (times_ == Times::own) {
    current_.time = time_ ? bounded_time(*time_) : derived_time(current_.content);
  }
  const struct timespec times[2] = {{current_.time, 0}, {current_.time, 0}};
  if (futimens(file_.get(), times) != 0) {
    return base::unexpected(cannot(current_member_, errno));
  }
  file_.reset();
  note_script();
  return add(std::move(current_), current_member_);
}

base::Result<WrittenTree> TreeWriter::finish() {
  Manifest manifest;
  manifest.times = times_;
  manifest.entries = std::move(entries_);
  std::sort(manifest.entries.begin(), manifest.entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  const TreeDigests digests = manifest.digests();
  if (times_ == Times::own) CCCI_CHECK(normalise_directories(root_, digests));
  WrittenTree written{std::move(manifest), digests.root};
  for (auto& [path, line] : env_scripts_) written.env_scripts.push_back({path, line});
  return written;
}

}  // namespace ccci::store
