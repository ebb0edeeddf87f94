// SPDX-License-Identifier: GPL-3.0-or-later
// A store object with a few files and links that cc-ci itself writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace ccci::host {

struct SmallObject {
  struct File {
    std::string path;  // below root/; parents are created
    std::string content;
    bool executable = false;
  };
  struct Link {
    std::string path;
    std::string target;
  };
  std::vector<File> files;
  std::vector<Link> links;
  std::vector<store::Address> needs;
};

// An object as it would be published.
struct PlannedObject {
  store::Address address;
  SmallObject object;
};

// Publishes the object unless it is already in the store. Returns the Merkle digest of its root/,
// 64 hex digits. [store.*]
base::Result<std::string> publish_small(store::Store& store, const store::Address& address,
                                        const SmallObject& object);

// The address of the object at `path`. [store.unknown]
base::Result<store::Address> object_at(store::Kind kind, const std::filesystem::path& path);

}  // namespace ccci::host
