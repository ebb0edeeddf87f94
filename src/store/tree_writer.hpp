// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the members of an archive below one directory and never outside it. A table of the entries
// made so far decides what may be made; the disk is not asked. The system calls (openat2 without
// links, O_EXCL, *at) write nothing outside even if the table is wrong.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fd.hpp"
#include "base/hash.hpp"
#include "base/parent_directory.hpp"
#include "store/budget.hpp"
#include "store/env_scripts.hpp"
#include "store/manifest.hpp"
#include "store/member.hpp"

namespace ccci::store {

struct WrittenTree {
  Manifest manifest;
  base::Digest digest;
  std::vector<EnvScript> env_scripts = {};  // sorted by path
};

class TreeWriter {
 public:
  // With Times::fixed, the times that the members have do not count.
  TreeWriter(int root, Shape shape, Budget& budget, Times times)
      : root_(root), parents_(root), shape_(shape), budget_(budget), times_(times) {}

  // The member's time, in seconds. Without one, the time is derived from the content: a zip has
  // local time, and a bare program has none.
  using Time = std::optional<std::int64_t>;

  // Each function takes the member's name as written in the archive. Errors have the field
  // `member`: [store.duplicate], [store.below-link], [store.below-file], [store.hard-link], those
  // of place(), [store.bomb], [base.write], [base.open].
  base::Result<void> directory(std::string_view member);
  base::Result<void> link(std::string_view member, std::string_view target, Time time);
  base::Result<void> hard_link(std::string_view member, std::string_view target);
  // To be followed by calls of data() and then one of end_file().
  base::Result<void> begin_file(std::string_view member, bool executable, Time time);
  base::Result<void> data(std::string_view bytes);
  base::Result<void> zeros(std::uint64_t count);  // the hole of a sparse file
  base::Result<void> end_file();
  std::uint64_t written() const { return current_.size; }  // of the current file

  // The manifest of the tree, sorted. Its paths are those in the tree, not those in the archive.
  // With Times::own, gives the directories their modes and times. [base.write]
  base::Result<WrittenTree> finish();

 private:
  // The path of the member in the tree; makes its parents. Empty for the root itself.
  base::Result<std::string> prepare(std::string_view member);
  base::Result<void> make_parents(const std::string& path, std::string_view member);
  base::Result<void> make_directory(const std::string& path);
  base::Result<void> add(Entry entry, std::string_view member);
  void note_script();
  // True if the member is the same as an existing entry, but under the other name of a merged
  // directory.
  base::Result<bool> repeats(const Entry& entry, std::string_view member) const;
  const Entry* find(const std::string& path) const;

  int root_;
  base::ParentDirectory parents_;
  Shape shape_;
  Budget& budget_;
  Times times_;
  std::vector<Entry> entries_;
  std::vector<std::string> members_;  // of each entry; empty for a directory that no member names
  std::unordered_map<std::string, std::size_t> index_;

  Entry current_;
  Time time_;         // of the current file
  std::string head_;  // its first bytes
  std::map<std::string, std::string> env_scripts_;
  std::string current_member_;
  base::Fd file_;  // not open while a repeated file is only compared
  base::Sha256 hasher_;
  std::uint64_t unwritten_ = 0;  // bytes since write-back was last started
};

}  // namespace ccci::store
