// SPDX-License-Identifier: GPL-3.0-or-later
// The deployed projects that a host keeps:
//
//   STATE/projects/HASH/manifest   see manifest.hpp; HASH is the hash of its text
//                       tree/      the directory that generations name and timers work in
//
// A project is staged, synced and renamed into place. Timers may write files of their own into
// tree/; cc-ci does not touch them.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "deploy/manifest.hpp"
#include "store/store.hpp"

namespace ccci::deploy {

// Files that were just received, in a directory of their own. Each file is named by its digest.
class Arrived {
 public:
  explicit Arrived(store::Staging staging) : staging_(std::move(staging)) {}
  const store::Staging& staging() const { return staging_; }
  // Creates the file for a digest, open for writing. [base.open]
  base::Result<base::Fd> create(const std::string& sha256) const;

 private:
  store::Staging staging_;
};

class ProjectCache {
 public:
  explicit ProjectCache(store::Store& store) : store_(store) {}

  std::filesystem::path tree(const std::string& hash) const;
  // Reads every file of the project. Returns the manifest if every file matches it.
  std::optional<ProjectManifest> intact(const std::string& hash) const;
  // Digests of files that no kept project has, sorted.
  std::vector<std::string> lacking(const ProjectManifest& manifest) const;
  base::Result<Arrived> arrivals() const;
  // The path of a file with the entry's content, in a kept project or among the received files.
  // Returns nothing if there is none.
  std::optional<std::filesystem::path> find(const ProjectEntry& entry,
                                            const Arrived& arrived) const;

  // Makes the project from the received files and from files of kept projects. Replaces a damaged
  // project with the same hash. [deploy.changed] if a file is missing, [base.*]
  base::Result<void> publish(const ProjectManifest& manifest, const Arrived& arrived) const;

  // Removes the projects that are not in `keep` (hashes) and are older than `age`. A younger one
  // may come from another deployment that has not switched to it yet.
  base::Result<void> prune(const std::set<std::string>& keep, std::chrono::seconds age) const;

 private:
  std::vector<std::string> hashes() const;
  std::optional<ProjectManifest> manifest(const std::string& hash) const;
  // The paths of files with these digests in the kept projects, by digest.
  std::map<std::string, std::filesystem::path> places(std::set<std::string> wanted) const;

  store::Store& store_;
};

// Returns true if `path` is a regular file (not a link) with this content.
bool holds(const std::filesystem::path& path, const std::string& sha256, std::uint64_t size);

}  // namespace ccci::deploy
