// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a planned root in an empty directory: directories, symbolic links, and hard links to the
// files of package objects. If the file system allows no hard link, the file is copied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/parent_directory.hpp"
#include "base/result.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "environment/sibling.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"
#include "store/tree_writer.hpp"

namespace ccci::environment {

class Root {
 public:
  // `directory` is a file descriptor of the empty directory. The caller keeps it and closes it.
  // `epoch` is the time of files and links that come from no package. `sibling` may be null.
  Root(const store::Store& store, const std::vector<Part>& parts, int directory, std::int64_t epoch,
       Sibling* sibling)
      : store_(store),
        parts_(parts),
        directory_(directory),
        places_(directory),
        epoch_(epoch),
        sibling_(sibling) {}

  // Executes the operations in their order. [environment.compose], [store.no-space]
  base::Result<void> make(const std::vector<Operation>& operations);

  // The functions below follow no link of a package to the parent of what they make:
  // [environment.below-link].

  // Writes a file that comes from no package, and adds it to the manifest. Creates its parents.
  base::Result<void> write(const std::string& path, const std::string& content, std::int64_t time);
  base::Result<void> link(const std::string& path, const std::string& target);
  // Adds another name (hard link) for a file that was made.
  base::Result<void> same(const std::string& path, const std::string& file);
  // The content of a file, as a process in the environment would read it. At most `limit` bytes.
  base::Result<std::string> read(const std::string& path, std::uint64_t limit) const;

  // The manifest of all that was made, sorted. Gives the directories their modes and times, so call
  // it last.
  base::Result<store::WrittenTree> finish() &&;

 private:
  base::Result<void> parents(const std::string& path);
  base::Result<void> add_file(const store::Entry& about, const std::string& content);
  base::Result<void> hard_link(const Operation& operation);
  base::Result<void> script(const Operation& operation);
  base::Result<void> starter(const Operation& operation);
  base::Result<void> symbolic_link(const Operation& operation);
  // The package whose link or file is at the path or above it; empty if there is none.
  std::string package_of(const std::string& path) const;
  base::Result<base::Place> place(const std::string& path);
  base::Result<void> make_directory(const std::string& path);
  base::Result<void> make_link(const store::Entry& entry);
  base::Result<void> make_file(const store::Entry& entry, const std::string& content);
  base::Result<void> copy(int from, const Operation& operation);
  base::Result<int> object_root(int part);

  const store::Store& store_;
  const std::vector<Part>& parts_;
  int directory_;
  base::ParentDirectory places_;  // everything is made through it
  std::int64_t epoch_;
  Sibling* sibling_;
  std::vector<base::Fd> objects_;  // root/ of each part, opened only once
  std::vector<store::Entry> entries_;
  std::string parent_;  // parent of the previous entry: it exists
};

}  // namespace ccci::environment
