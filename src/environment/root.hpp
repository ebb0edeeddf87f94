// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a planned root in an empty directory: directories, links, and hard links to the files of
// package objects (a copy where the file system allows no link).
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::environment {

class Root {
 public:
  // `directory` is open on the empty directory; it stays the caller's.
  Root(const store::Store& store, const std::vector<Part>& parts, int directory)
      : store_(store), parts_(parts), directory_(directory) {}

  // Carries the operations out, in their order. [environment.compose], [store.no-space]
  base::Result<void> make(const std::vector<Operation>& operations);

  // A file that no package has: written and entered into the manifest. Parents are made.
  base::Result<void> write(const std::string& path, const std::string& content);
  base::Result<void> link(const std::string& path, const std::string& target);
  // Another name for a file that was made.
  base::Result<void> same(const std::string& path, const std::string& file);
  // A file that a finishing program has written.
  base::Result<void> adopt(const std::string& path);
  // The content of a file, as a process inside would read it; `limit` bytes at most.
  base::Result<std::string> read(const std::string& path, std::uint64_t limit) const;

  // Gives what was made anew (directories, links, files that are nobody's) the modes and times that
  // everything in the store has, whatever the umask. Last, since making anything touches its
  // parent.
  base::Result<void> normalise() const;

  store::Manifest manifest() &&;  // of all that was made, sorted

 private:
  base::Result<void> parents(const std::string& path);
  base::Result<void> hard_link(const Operation& operation);
  base::Result<void> symbolic_link(const Operation& operation);
  base::Result<void> copy(int from, const Operation& operation);
  base::Result<int> object_root(int part);

  const store::Store& store_;
  const std::vector<Part>& parts_;
  int directory_;
  std::vector<base::Fd> objects_;  // root/ of each part, opened once
  std::vector<store::Entry> entries_;
  std::vector<std::string> made_;  // links and files that are no hard links
  std::string parent_;             // of the entry before: exists
};

}  // namespace ccci::environment
