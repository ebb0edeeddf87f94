// SPDX-License-Identifier: GPL-3.0-or-later
// Locks between processes: flock(2) on a file that only its owner can open. If other users could
// open the file, even for reading, they could hold its lock and stop every cc-ci.
#pragma once

#include <chrono>
#include <string>

#include "base/fd.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace ccci::base {

enum class LockMode { shared, exclusive };

// What a process is told while it waits, and how long it waits.
struct LockWait {
  std::string name;  // of the lock, for people: "lock 'collection' in the store"
  Progress& progress;
  // Other work may take this long. A process that waits longer gets an error.
  std::chrono::milliseconds longest = std::chrono::minutes(30);
  // A wait that is shorter is not worth a line on the terminal.
  std::chrono::milliseconds quiet = std::chrono::milliseconds(300);
};

// Opens or creates the lock file with mode 0600 (or `mode`) and takes other permissions away. Not a
// link and not a FIFO. [base.open]
Result<Fd> open_lock_file(int directory, const std::string& name, unsigned mode = 0600);

// Takes the lock. If another process has it, says after a moment which one (Progress::note).
// [base.lock-busy] after `longest`, [base.lock]
Result<void> take_lock(int fd, LockMode mode, const LockWait& wait);
// Returns false if another process has the lock.
bool try_lock(int fd, LockMode mode);

// "process 4711 (cc-ci)", as far as the kernel tells: the process that holds the lock of `fd`.
std::string lock_holder(int fd);

}  // namespace ccci::base
