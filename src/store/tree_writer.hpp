// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the members of an archive below a directory and nowhere else. What may be made is decided
// by a table of what was made before, not by looking at the disk; and the calls that make it are
// such (openat2 without links, O_EXCL, *at) that even a table that is wrong writes nothing outside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fd.hpp"
#include "base/hash.hpp"
#include "store/budget.hpp"
#include "store/manifest.hpp"
#include "store/member.hpp"

namespace ccci::store {

class TreeWriter {
 public:
  TreeWriter(int root, Shape shape, Budget& budget) : root_(root), shape_(shape), budget_(budget) {}

  // Each takes the member's name as the archive has it. Errors have the field `member`:
  // [store.duplicate], [store.below-link], [store.below-file], [store.hard-link], those of place(),
  // [store.bomb], [base.write], [base.open].
  base::Result<void> directory(std::string_view member);
  base::Result<void> link(std::string_view member, std::string_view target);
  base::Result<void> hard_link(std::string_view member, std::string_view target);
  // Then data() until all is said, then end_file().
  base::Result<void> begin_file(std::string_view member, bool executable);
  base::Result<void> data(std::string_view bytes);
  base::Result<void> zeros(std::uint64_t count);  // the hole of a sparse file
  base::Result<void> end_file();
  std::uint64_t written() const { return current_.size; }  // of the file at hand

  // Paths are those in the tree. Sorted.
  Manifest finish();

 private:
  // Where the member goes, with its parents made; empty for the root itself.
  base::Result<std::string> prepare(std::string_view member);
  base::Result<void> make_parents(const std::string& path, std::string_view member);
  base::Result<void> make_directory(const std::string& path);
  base::Result<int> parent_of(const std::string& path, std::string_view& name);
  base::Result<void> add(Entry entry, std::string_view member);
  // True where the member repeats, under the other name of a merged directory, what is there.
  base::Result<bool> repeats(const Entry& entry, std::string_view member) const;
  const Entry* find(const std::string& path) const;

  int root_;
  Shape shape_;
  Budget& budget_;
  std::vector<Entry> entries_;
  std::vector<std::string> members_;  // of each entry; empty for an implied directory
  std::unordered_map<std::string, std::size_t> index_;

  std::string parent_path_;
  base::Fd parent_;

  Entry current_;
  std::string current_member_;
  base::Fd file_;  // none while a repeated file is only compared
  base::Sha256 hasher_;
  std::uint64_t unwritten_ = 0;  // bytes since write-back was last started
};

}  // namespace ccci::store
