// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a planned root in an empty directory: directories, symbolic links, and hard links to the
// files of package objects. If the file system allows no hard link, the file is copied.
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
  // `directory` is a file descriptor of the empty directory. The caller keeps it and closes it.
  Root(const store::Store& store, const std::vector<Part>& parts, int directory)
      : store_(store), parts_(parts), directory_(directory) {}

  // Executes the operations in their order. [environment.compose], [store.no-space]
  base::Result<void> make(const std::vector<Operation>& operations);

  // Writes a file that comes from no package, and adds it to the manifest. Creates its parents.
  base::Result<void> write(const std::string& path, const std::string& content);
  base::Result<void> link(const std::string& path, const std::string& target);
  // Adds another name (hard link) for a file that was made.
  base::Result<void> same(const std::string& path, const std::string& file);
  // Adds a file that a finishing program has written to the manifest.
  base::Result<void> adopt(const std::string& path);
  // The content of a file, as a process in the environment would read it. At most `limit` bytes.
  base::Result<std::string> read(const std::string& path, std::uint64_t limit) const;

  // Sets the modes and times of everything that was newly made (directories, links, files that come
  // from no package) to the fixed values of the store, independent of the umask. Call it last,
  // because creating an entry changes the time of its parent.
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
  std::vector<base::Fd> objects_;  // root/ of each part, opened only once
  std::vector<store::Entry> entries_;
  std::vector<std::string> made_;  // symbolic links, and files that are not hard links
  std::string parent_;             // parent of the previous entry: it exists
};

}  // namespace ccci::environment
