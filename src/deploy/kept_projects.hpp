// SPDX-License-Identifier: GPL-3.0-or-later
// The projects that a host keeps of those that deployed to it:
//
//   STATE/projects/HASH/manifest   manifest.hpp; HASH is of its text
//                       tree/      the directory that generations name, and timers work in
//
// Staged, synced, renamed into place. A timer may leave files of its own in tree/; they are let be.
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

// Files that have just come, each under its digest, in a directory of their own.
class Arrived {
 public:
  explicit Arrived(store::Staging staging) : staging_(std::move(staging)) {}
  const store::Staging& staging() const { return staging_; }
  // A new file to write into. [base.open]
  base::Result<base::Fd> create(const std::string& sha256) const;

 private:
  store::Staging staging_;
};

class KeptProjects {
 public:
  explicit KeptProjects(store::Store& store) : store_(store) {}

  std::filesystem::path tree(const std::string& hash) const;
  // The manifest, where every file is what it says; every file is read.
  std::optional<ProjectManifest> intact(const std::string& hash) const;
  // Digests of files that no kept project has, sorted.
  std::vector<std::string> lacking(const ProjectManifest& manifest) const;
  base::Result<Arrived> arrivals() const;
  // Where the content of an entry lies, in a kept project or among what arrived; nothing where it
  // does not.
  std::optional<std::filesystem::path> find(const ProjectEntry& entry,
                                            const Arrived& arrived) const;

  // Makes the project of what arrived and of what the kept ones have. A damaged one of the same
  // hash makes way. [deploy.changed] where a file is not there, [base.*]
  base::Result<void> publish(const ProjectManifest& manifest, const Arrived& arrived) const;

  // Removes those that are not in `keep` (hashes) and older than `age`: another deployment may just
  // have brought one and not switched to it yet.
  base::Result<void> prune(const std::set<std::string>& keep, std::chrono::seconds age) const;

 private:
  std::vector<std::string> hashes() const;
  std::optional<ProjectManifest> manifest(const std::string& hash) const;
  // Where the kept projects have files of these digests, as their manifests say.
  std::map<std::string, std::filesystem::path> places(std::set<std::string> wanted) const;

  store::Store& store_;
};

// Whether a regular file, and no link, has this content.
bool holds(const std::filesystem::path& path, const std::string& sha256, std::uint64_t size);

}  // namespace ccci::deploy
