// SPDX-License-Identifier: GPL-3.0-or-later
// Internal types of store.cpp, open.cpp and publish.cpp, not an interface for other files.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>

#include "base/lock_file.hpp"
#include "store/store.hpp"

namespace ccci::store {

enum class Access { change, look };

struct Store::State {
  static base::Result<std::unique_ptr<State>> open(const std::filesystem::path& state,
                                                   Access access, base::Disk& disk);

  std::filesystem::path path;
  base::Disk* disk = nullptr;
  Access access = Access::change;
  base::Progress* progress = &base::silent();
  base::Fd directory;
  std::array<base::Fd, all_kinds.size()> kinds;
  base::Fd staging;
  base::Fd locks;
  // `directory` is opened before anything is written, because syncfs reports to each open file the
  // write errors since it was opened. Only one thread at a time may read such an error. One error
  // ends all publishing through this Store: after a failed write-back the kernel may mark pages as
  // clean that never reached the disk.
  std::mutex sync_mutex;
  bool sync_failed = false;
  std::mutex hold_mutex;
  std::weak_ptr<const base::Fd> held;
  std::atomic<unsigned> counter{0};

  int kind_directory(Kind kind) const { return kinds[static_cast<std::size_t>(kind)].get(); }
  // `shown` is the lock's name for people. [store.lock], [base.lock-busy]
  base::Result<base::Fd> lock(const std::string& name, base::LockMode mode,
                              const std::string& shown,
                              std::chrono::milliseconds quiet = std::chrono::milliseconds(300));
  base::Result<base::Fd> hold();
  base::Result<Staging> new_staging(Address address, Hold hold, base::Fd lock);
};

struct Staging::State {
  Address address;
  std::string name;  // below staging/
  std::filesystem::path path;
  base::Fd parent;     // of staging/
  base::Fd directory;  // flock(2)ed while the process that makes it lives
  base::Fd lock;       // of the address; not used for a scratch directory
  Hold hold;
  bool published = false;
  bool normal_root = false;

  ~State();
};

// Removes what dead processes left in staging/.
void clear_dead(int staging, int locks);
// Gives the tree the form that publish() promises. [store.file-type], [store.publish]
base::Result<void> write_seal(int directory);
// `except` is a directory at the top that already has its time, and whose content already has the
// normal form.
base::Result<void> normalise(int directory, std::string_view except = {});
base::Result<std::uint64_t> count_entries(int directory, std::uint64_t enough);
base::Result<void> sync_tree(int directory, base::Disk& disk);

}  // namespace ccci::store
