// SPDX-License-Identifier: GPL-3.0-or-later
// The result of the last build of a declaration, kept in STATE/builds. With it, a build that has
// nothing to do parses nothing. There is nothing to do if the bytes of declaration, lock, declared
// certificates and programs are the same, and every object and root still exists.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace ccci::project {

class BuildCache {
 public:
  // Opens the cache for a build of these hosts (as named; none: all) of the declaration in `file`.
  // Returns nothing if a file cannot be read, because the build itself reports that better.
  static std::optional<BuildCache> open(const std::filesystem::path& file,
                                        const std::filesystem::path& state,
                                        const std::vector<std::string>& hosts);

  // The result of a build of exactly these inputs, if everything that it names still exists.
  std::optional<base::Json> find(const store::Store& store) const;
  // The system of `host` in that result.
  std::optional<store::Address> find_system(const store::Store& store,
                                            const std::string& host) const;

  // Replaces the kept result. It also names the declaration, for declarations_of_roots(). `files`:
  // the other files that were read, relative to the declaration, with their sha256. [base.write]
  base::Result<void> keep(const std::map<std::string, store::Address>& roots,
                          const std::map<std::string, std::string>& files,
                          const base::Json& result) const;

 private:
  std::filesystem::path file_;
  std::filesystem::path declaration_;
  std::filesystem::path directory_;  // of the declaration
  std::string identity_;
};

}  // namespace ccci::project
