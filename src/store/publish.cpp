// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "store/full.hpp"
#include "store/package.hpp"
#include "store/state.hpp"
#include "store/tree.hpp"

namespace ccci::store {

namespace {

// Up to this number of entries, each is synced by itself: a small object (an entrypoint, a system)
// must not wait until a gigabyte of another process's dirty pages is on the disk. Above it, one
// syncfs is used: each fsync is a journal commit and a flush of the disk's cache, and packages have
// thousands of files. Their write-back was started while they were unpacked (TreeWriter::data).
constexpr std::uint64_t synced_singly = 24;

base::Error of_file(const Node& node, int number) {
  return base::fail("base.write").with("path", node.path).with_errno(number);
}

int set_mode(const Node& node) {
  mode_t wanted = 0755;
  if (S_ISREG(node.status.st_mode) && (node.status.st_mode & 0111U) == 0) wanted = 0644;
  if ((node.status.st_mode & 07777U) == wanted) return 0;
  return fchmodat(node.parent, node.name, wanted, 0) == 0 ? 0 : errno;
}

int set_time(const Node& node) {
  if (node.status.st_mtim.tv_sec == normal_time && node.status.st_mtim.tv_nsec == 0 &&
      !S_ISDIR(node.status.st_mode)) {
    return 0;
  }
  const struct timespec times[2] = {{normal_time, 0}, {normal_time, 0}};
  return utimensat(node.parent, node.name, times, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

// Walks the tree with functions that return an error number, or 0 for success.
template <typename Enter, typename Leave>
base::Result<void> each(int directory, std::string_view skip, Enter enter, Leave leave) {
  base::Error failure;
  const auto step = [&failure, skip](auto act) {
    return [&failure, skip, act](const Node& node) {
      const int number = act(node);
      if (number == 0) return node.path == skip ? Step::skip : Step::on;
      failure = of_file(node, number);
      return Step::stop;
    };
  };
  CCCI_TRY(const bool complete,
           walk(directory, {.enter = step(enter), .leave = step(leave), .unreadable = {}}));
  if (!complete) return base::unexpected(std::move(failure));
  return {};
}

// The size of the staged files, as far as they can be read.
std::uint64_t size_of(int directory) {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 1;
  const auto enter = [&](const Node& node) {
    ++entries;
    if (S_ISREG(node.status.st_mode)) bytes += static_cast<std::uint64_t>(node.status.st_size);
    return Step::on;
  };
  static_cast<void>(walk(directory, {.enter = enter, .leave = {}, .unreadable = {}}));
  return blocks_of(bytes, entries);
}

base::Error of_publish(const Address& address, const base::Error& error, std::uint64_t needed,
                       int fd) {
  if (is_full(error)) return no_space(address.label, needed, fd);
  return base::fail("store.publish")
      .with("object", address.label)
      .with("path", error.field("path"))
      .with("cause", error.field("cause"));
}

}  // namespace

base::Result<void> write_seal(int directory) {
  CCCI_TRY(const Manifest manifest, measure(directory, "root", Times::fixed));
  const int number =
      openat(directory, "seal", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (number < 0) {
    return base::unexpected(base::fail("base.write").with("path", "seal").with_errno(errno));
  }
  const base::Fd seal(number);
  const std::string text = write(manifest);
  return base::write_all(seal.get(), text + "seal " + base::sha256(text).hex() + "\n");
}

base::Result<void> normalise(int directory, std::string_view except) {
  const auto enter = [except](const Node& node) {
    const mode_t type = node.status.st_mode & static_cast<mode_t>(S_IFMT);
    if (type == S_IFLNK) return set_time(node);
    if (type != S_IFREG && type != S_IFDIR) return EINVAL;
    const int number = set_mode(node);
    // The time of a directory is set when the walk leaves it.
    return number != 0 || type == S_IFDIR ? number : set_time(node);
  };
  CCCI_CHECK(each(directory, except, enter, set_time));
  const struct timespec times[2] = {{normal_time, 0}, {normal_time, 0}};
  if (fchmod(directory, 0755) != 0 || futimens(directory, times) != 0) {
    return base::unexpected(base::fail("base.write").with("path", ".").with_errno(errno));
  }
  return {};
}

base::Result<std::uint64_t> count_entries(int directory, std::uint64_t enough) {
  std::uint64_t count = 0;
  const auto enter = [&](const Node&) { return ++count > enough ? Step::stop : Step::on; };
  CCCI_CHECK(walk(directory, {.enter = enter, .leave = {}, .unreadable = {}}));
  return count;
}

// If an fsync must first allocate blocks for its file, it starts a journal commit of its own, which
// takes some milliseconds. If the blocks of all files are allocated before, the first commit serves
// all files.
base::Result<void> write_back(int directory) {
  constexpr unsigned begin = SYNC_FILE_RANGE_WRITE;
  constexpr unsigned end = SYNC_FILE_RANGE_WAIT_BEFORE | begin | SYNC_FILE_RANGE_WAIT_AFTER;
  for (const unsigned flags : {begin, end}) {
    const auto enter = [flags](const Node& node) {
      if (!S_ISREG(node.status.st_mode)) return Step::on;
      // Errors are ignored here: the later fsync of the file fails too, and its result is checked.
      const base::Fd file(openat(node.parent, node.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
      if (file) static_cast<void>(sync_file_range(file.get(), 0, 0, flags));
      return Step::on;
    };
    CCCI_CHECK(walk(directory, {.enter = enter, .leave = {}, .unreadable = {}}));
  }
  return {};
}

base::Result<void> sync_tree(int directory, base::Disk& disk) {
  CCCI_CHECK(write_back(directory));
  base::Error failure;
  const auto sync = [&](const Node& node, int flags) {
    const int number = openat(node.parent, node.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
    if (number < 0) {
      failure = of_file(node, errno);
      return Step::stop;
    }
    const base::Fd fd(number);
    if (auto synced = disk.sync(fd.get()); !synced) {
      failure = std::move(synced).error().with("path", node.path);
      return Step::stop;
    }
    return Step::on;
  };
  const Visitor visitor{
      .enter =
          [&](const Node& node) { return S_ISREG(node.status.st_mode) ? sync(node, 0) : Step::on; },
      .leave = [&](const Node& node) { return sync(node, O_DIRECTORY); },
      .unreadable = {}};
  CCCI_TRY(const bool complete, walk(directory, visitor));
  if (!complete) return base::unexpected(std::move(failure));
  return disk.sync(directory);
}

base::Result<void> Store::publish(Staging staging) {
  std::vector<Staging> one;
  one.push_back(std::move(staging));
  return publish(std::move(one));
}

base::Result<void> Store::publish(std::vector<Staging> staged) {
  std::vector<base::Error> errors;
  std::vector<Staging> ready;
  std::uint64_t entries = 0;
  for (Staging& staging : staged) {
    auto prepared = write_seal(staging.directory());
    if (prepared) {
      prepared = normalise(staging.directory(), staging.state_->normal_root ? "root" : "");
    }
    auto count = prepared ? count_entries(staging.directory(), synced_singly)
                          : base::unexpected(std::move(prepared).error());
    if (!count) {
      errors.push_back(of_publish(staging.address(), count.error(), size_of(staging.directory()),
                                  state_->staging.get()));
      continue;
    }
    entries += *count;
    ready.push_back(std::move(staging));
  }
  staged.clear();

  // First all contents and directories of the batch must be on the disk. Otherwise, after a power
  // failure, a published name could belong to an incomplete object. Then rename gives each object
  // its name in one step; it never replaces an existing object. At the end each parent directory is
  // synced, because only this makes the new names durable. If that sync fails, the names are
  // withdrawn.
  if (auto synced = sync_staged(ready, entries <= synced_singly); !synced) {
    for (const Staging& staging : ready) {
      errors.push_back(of_publish(staging.address(), synced.error(), size_of(staging.directory()),
                                  state_->staging.get()));
    }
    ready.clear();
  }
  std::set<Kind> kinds;
  for (Staging& staging : ready) {
    const Address& address = staging.address();
    auto renamed =
        state_->disk->rename_new(state_->staging.get(), staging.state_->name,
                                 state_->kind_directory(address.kind), address.directory());
    if (!renamed) {
      errors.push_back(
          of_publish(address, renamed.error(), blocks_of(0, 1), state_->staging.get()));
      continue;
    }
    staging.state_->published = true;
    kinds.insert(address.kind);
  }
  for (const Kind kind : kinds) {
    auto synced = state_->disk->sync(state_->kind_directory(kind));
    if (!synced) withdraw(ready, kind, synced.error(), errors);
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return {};
}

base::Result<void> Store::sync_staged(const std::vector<Staging>& staged, bool singly) {
  if (staged.empty()) return {};
  const std::lock_guard guard(state_->sync_mutex);
  if (state_->sync_failed) return base::unexpected(base::fail("base.sync").with_errno(EIO));
  base::Result<void> synced;
  if (singly) {
    for (const Staging& staging : staged) {
      if (synced) synced = sync_tree(staging.directory(), *state_->disk);
    }
  } else {
    synced = state_->disk->sync_filesystem(state_->directory.get());
  }
  if (!synced) state_->sync_failed = true;
  return synced;
}

// Moves objects back to staging/. A name that may be lost in a power failure does not count as
// published.
void Store::withdraw(std::vector<Staging>& staged, Kind kind, const base::Error& error,
                     std::vector<base::Error>& errors) {
  for (Staging& staging : staged) {
    Staging::State& state = *staging.state_;
    if (state.address.kind != kind || !state.published) continue;
    static_cast<void>(state_->disk->rename_new(state_->kind_directory(kind),
                                               state.address.directory(), state_->staging.get(),
                                               state.name));
    state.published = false;
    errors.push_back(of_publish(state.address, error, blocks_of(0, 1), state_->staging.get()));
  }
}

}  // namespace ccci::store
