// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/place.hpp"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/memory.hpp"
#include "base/threads.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kept_namespaces = "/run/cc-ci";

// The reference build needs one gibibyte, and the state uses at most half of the free memory.
constexpr std::uint64_t least_memory = 4ULL << 30U;

std::uint64_t memory_to_use() {
  const std::uint64_t free = base::free_memory();
  return free >= least_memory ? free / 2 : 0;
}

// SHA256.deb, SHA256.archive: a build compares the content of an archive with the lock's digest.
bool is_archive(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot != 64 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz", dot + 1) != name.npos) {
    return false;
  }
  return std::all_of(name.begin(), name.begin() + 64,
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Makes links, because copies cost time and are not needed: the content is checked when it is used.
void begin_with(const fs::path& archives, const fs::path& state) {
  if (archives.empty()) return;
  std::error_code error;
  fs::create_directory(state / "archives", error);
  for (fs::directory_iterator i(archives, error), end; !error && i != end; i.increment(error)) {
    const std::string name = i->path().filename().native();
    std::error_code unlinked;
    if (is_archive(name))
      fs::create_symlink(fs::absolute(i->path()), state / "archives" / name, unlinked);
  }
}

// The directories at this depth below `directory`. Does not follow links.
void directories_below(const fs::path& directory, int depth, std::vector<fs::path>& out) {
  std::error_code error;
  for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
    std::error_code unread;
    if (!fs::is_directory(i->symlink_status(unread))) continue;
    if (depth == 0) {
      out.push_back(i->path());
    } else {
      directories_below(i->path(), depth - 1, out);
    }
  }
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const fs::path relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Place::Place(fs::path path, const PlaceWish& wish, base::Progress& progress)
    : path_(std::move(path)), wish_(wish), progress_(&progress) {}

Place::Place(Place&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      wish_(std::move(other.wish_)),
      progress_(other.progress_),
      mounts_(std::move(other.mounts_)),
      memory_(other.memory_),
      made_standard_(std::exchange(other.made_standard_, false)),
      live_(other.live_),
      note_(std::move(other.note_)) {}

base::Result<Place> Place::make(const PlaceWish& wish, base::Progress& progress) {
  std::string path = (wish.scratch / "cc-ci-gate-XXXXXX").native();
  if (mkdtemp(path.data()) == nullptr) {
    return base::unexpected(base::fail("base.mkdir").with("path", path).with_errno(errno));
  }
  Place place(path, wish, progress);
  CCCI_CHECK(place.make_directories());
  return place;
}

void Place::settle(bool live) {
  live_ = live;
  if (live) return;
  if (geteuid() != 0) {
    note_ = "not root, so /var/lib/cc-ci could not be used";
  } else if (is_below(fs::weakly_canonical(path_), standard_state)) {
    note_ = "the scratch directory is below /var/lib/cc-ci";
  } else {
    note_ = mount_standard(wish_.in_memory ? memory_to_use() : 0);
  }
  if (!mounts_) begin_with(wish_.archives, below("state"));
}

base::Result<void> Place::make_directories() const {
  for (const char* name : {"home", "state", "tmp"}) {
    if (mkdir((path_ / name).c_str(), 0700) != 0) {
      return base::unexpected(
          base::fail("base.mkdir").with("path", path_.native()).with_errno(errno));
    }
  }
  return {};
}

// A separate thread does this: it changes only its own namespace and returns it as a descriptor.
std::string Place::mount_standard(std::uint64_t memory) {
  made_standard_ = mkdir(standard_state, 0755) == 0;
  const std::string state = below("state").native();
  const std::string size = "mode=755,size=" + std::to_string(memory);
  std::string problem;
  const auto work = [&] {
    const auto denied = [&](const char* what) {
      problem = std::string(what) + ": " + base::describe_errno(errno);
    };
    if (unshare(CLONE_NEWNS) != 0) return denied("a mount namespace cannot be created");
    // Later mounts and unmounts of the machine also happen here, but not the other way round.
    if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
      return denied("mounts cannot be made private");
    }
    const int mounted = memory > 0
                            ? mount("cc-ci-gate", standard_state, "tmpfs", 0, size.c_str())
                            : mount(state.c_str(), standard_state, nullptr, MS_BIND, nullptr);
    if (mounted != 0) return denied("/var/lib/cc-ci cannot be mounted over");
    // The launcher keeps namespaces there, named by environment. The checks must not join those of
    // the machine.
    mkdir(kept_namespaces, 0755);
    if (mount("cc-ci-gate", kept_namespaces, "tmpfs", 0, "mode=755,size=1m") != 0) {
      return denied("/run/cc-ci cannot be mounted over");
    }
    begin_with(wish_.archives, standard_state);
    mounts_ = base::Fd(open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC));
    if (!mounts_) denied("the mount namespace cannot be kept");
  };
  auto thread = base::start_thread(work);
  if (!thread) return "the system allows no more threads";
  thread->join();
  if (problem.empty()) memory_ = memory;
  return problem;
}

std::vector<std::string> Place::variables() const {
  std::vector<std::string> all{"HOME=" + below("home").native(), "TMPDIR=" + below("tmp").native()};
  if (!live_ && !mounts_) all.push_back("CC_CI_STATE=" + below("state").native());
  return all;
}

base::Json Place::state() const {
  if (live_) return {{"kind", "live"}};
  if (!mounts_) {
    return {{"kind", "elsewhere"},
            {"note", note_ + "; entrypoints and systems contain the path of the state directory, "
                             "so their digests differ from the hosts'"}};
  }
  base::Json json{{"kind", "standard"}, {"path", standard_state}};
  if (memory_ > 0) json["memory"] = memory_;
  if (!wish_.archives.empty()) json["archives"] = "kept";
  return json;
}

// Most of the time is spent waiting for the disk, so several threads wait in parallel.
void Place::remove_quickly() const {
  // Before anything is removed, for the whole tree.
  const auto kept = [&](const base::Error& error) {
    progress_->note("the scratch directory " + path_.native() +
                    " is kept: " + std::string(error.field("cause")));
  };
  if (const auto mounted = base::refuse_mounts(path_); !mounted) return kept(mounted.error());
  std::vector<fs::path> parts;
  directories_below(path_, 4, parts);
  std::atomic<std::size_t> next{0};
  const std::size_t most = 8;
  base::on_threads(std::min(most, parts.size()), [&] {
    for (std::size_t at = next++; at < parts.size(); at = next++) {
      static_cast<void>(base::remove_tree(parts[at]));
    }
  });
  if (const auto removed = base::remove_tree(path_); !removed) kept(removed.error());
}

Place::~Place() {
  mounts_.reset();
  if (made_standard_) rmdir(standard_state);  // fails if it is no longer empty
  if (!path_.empty() && !wish_.keep) remove_quickly();
}

}  // namespace ccci::gate
