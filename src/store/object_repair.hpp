// SPDX-License-Identifier: GPL-3.0-or-later
// Repairs single entries of published objects. Each repair is one rename, so a process that reads
// the object sees either the old or the new entry.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::store {

class ObjectRepair {
 public:
  static base::Result<ObjectRepair> open(Store& store);

  // Replaces the entry at `path` by a hard link to the file at `donor` (below STATE).
  base::Result<void> put_file(const Address& object, const std::string& path,
                              const std::string& donor);
  base::Result<void> put_link(const Address& object, const std::string& path,
                              const std::string& target, std::int64_t time);
  // Creates the directory, or sets its mode if it exists.
  base::Result<void> put_directory(const Address& object, const std::string& path);
  base::Result<void> set_mode(const Address& object, const std::string& path, unsigned mode);
  // Of a file or link.
  base::Result<void> set_time(const Address& object, const std::string& path, std::int64_t time);
  // Gives the directories in root/ the times that follow from the manifest. Each repair of an entry
  // changes the time of its directory, so this comes last.
  base::Result<void> set_directory_times(const Address& object, const Manifest& manifest);
  base::Result<void> remove(const Address& object, const std::string& path);

  // A directory below STATE to unpack in. It is removed with this object.
  base::Result<Staging> scratch(const std::string& label) { return store_->scratch(label); }

 private:
  ObjectRepair(Store& store, Staging aside) : store_(&store), aside_(std::move(aside)) {}
  base::Result<base::Fd> parent_of(const Address& object, const std::string& path,
                                   std::string& name) const;
  base::Result<void> into_place(const std::string& made, int parent, const std::string& name);
  base::Result<void> set_aside(int parent, const std::string& name);
  std::string next_name();

  Store* store_;
  Staging aside_;
  unsigned counter_ = 0;
};

}  // namespace ccci::store
