// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/scan.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/threads.hpp"
#include "store/tree.hpp"

namespace ccci::store {

void Inodes::add(const InodeKey& key, std::uint64_t size, std::string path) {
  const std::lock_guard guard(mutex_);
  const auto [place, fresh] = inodes_.try_emplace(key);
  if (!fresh) return;
  place->second.size = size;
  place->second.path = std::move(path);
}

std::vector<Inode*> Inodes::all() {
  std::vector<Inode*> list;
  list.reserve(inodes_.size());
  for (auto& [key, inode] : inodes_) list.push_back(&inode);
  return list;
}

std::uint64_t Inodes::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [key, inode] : inodes_) sum += inode.size;
  return sum;
}

std::string below_state(const Address& address, const std::string& path) {
  return "store/" + reference(address) + "/" + path;
}

ObjectScan scan(const Store& store, const Address& address, Inodes& inodes) {
  ObjectScan result{address, {}, {}};
  const auto directory = base::open_in_root(store.directory(), below_state(address, ""),
                                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) {
    result.unreadable.emplace_back(".", std::string(directory.error().field("cause")));
    return result;
  }
  const auto unreadable = [&](const std::string& path, int number) {
    result.unreadable.emplace_back(path, base::describe_errno(number));
  };
  const auto enter = [&](const Node& node) {
    Found found;
    found.path = node.path;
    found.mode = node.status.st_mode & 07777U;
    found.time = node.status.st_mtim;
    if (S_ISDIR(node.status.st_mode)) {
      found.type = 'd';
    } else if (S_ISREG(node.status.st_mode)) {
      found.type = 'f';
      found.inode = {node.status.st_dev, node.status.st_ino};
      inodes.add(found.inode, static_cast<std::uint64_t>(node.status.st_size),
                 below_state(address, node.path));
    } else if (S_ISLNK(node.status.st_mode)) {
      found.type = 'l';
      auto target = read_link(node.parent, node.name);
      if (target) found.target = std::move(*target);
    } else {
      found.type = '?';
    }
    result.found.push_back(std::move(found));
    return Step::on;
  };
  static_cast<void>(
      walk(directory->get(), {.enter = enter, .leave = {}, .unreadable = unreadable}));
  return result;
}

void read_content(const Store& store, Inode& inode) {
  // O_NONBLOCK: the file may have been replaced by a FIFO since the walk.
  const auto file =
      base::open_in_root(store.directory(), inode.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  auto digest = file ? base::sha256_of_fd(file->get()) : base::unexpected(file.error());
  if (digest) {
    inode.content = *digest;
  } else {
    inode.failure = digest.error().field("cause");
  }
}

void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& act) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) act(index);
  };
  base::on_threads(std::min<std::size_t>(threads, count), work);
}

}  // namespace ccci::store
