// SPDX-License-Identifier: GPL-3.0-or-later
// Lists the content of the objects' directories. Each inode is listed once, even if many objects
// share it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "store/store.hpp"

namespace ccci::store {

using InodeKey = std::pair<std::uint64_t, std::uint64_t>;  // device, number

struct Inode {
  std::uint64_t size = 0;
  std::string path;  // one of its names, below STATE
  base::Digest content;
  std::string failure;  // why it could not be read; if empty, `content` is valid
};

struct Found {
  std::string path;  // within the object
  char type = 0;     // 'd', 'f', 'l', or '?' for a type that no object may hold
  unsigned mode = 0;
  std::string target;
  InodeKey inode;  // of files
  struct timespec time {};
};

struct ObjectScan {
  Address address;
  std::vector<Found> found;                                     // in the order of the walk
  std::vector<std::pair<std::string, std::string>> unreadable;  // path, cause
};

class Inodes {
 public:
  void add(const InodeKey& key, std::uint64_t size, std::string path);
  // All inodes, sorted by their probable position on the disk.
  std::vector<Inode*> all();
  const Inode& at(const InodeKey& key) const { return inodes_.at(key); }
  std::uint64_t bytes() const;

 private:
  std::mutex mutex_;
  std::map<InodeKey, Inode> inodes_;
};

// Never fails: the result lists what could not be read.
ObjectScan scan(const Store& store, const Address& address, Inodes& inodes);
// "store/package/HASH-LABEL/PATH"
std::string below_state(const Address& address, const std::string& path);
// Fills in `content` or `failure`.
void read_content(const Store& store, Inode& inode);

// Calls `act(index)` for each index below `count` on up to `threads` threads (0: one per core).
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& act);

}  // namespace ccci::store
