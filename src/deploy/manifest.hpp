// SPDX-License-Identifier: GPL-3.0-or-later
// The list of the project's files that a host receives, with their digests. The host's timers run
// scripts from the project, and the host builds from its declaration and its lock.
//
//   cc-ci-project 1
//   file 644 1832 SHA256 cc-ci.toml
//   link scripts/run tests/e2e/run          (the target comes last)
//
// Sorted by path; names are escaped as in the lock. Directories have no entries: the paths of the
// files imply them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::deploy {

struct ProjectEntry {
  bool executable = false;
  std::uint64_t size = 0;
  std::string sha256;  // only for a file
  std::string target;  // the target of a link; empty: a file

  bool is_link() const { return !target.empty(); }
  bool operator==(const ProjectEntry&) const = default;
};

// The key is the path below the project's directory.
using ProjectEntries = std::map<std::string, ProjectEntry>;

inline constexpr std::size_t most_project_entries = 50'000;
inline constexpr std::uint64_t most_project_bytes = 1ULL << 30U;

class ProjectManifest {
 public:
  // Refuses paths that could lead out of the directory, a name that occurs twice, and more than the
  // limits. [deploy.project-entry], [deploy.project-large]
  static base::Result<ProjectManifest> of(ProjectEntries entries);
  // Accepts exactly the form that text() writes. [deploy.message] and the errors of of()
  static base::Result<ProjectManifest> read(std::string_view text);

  const ProjectEntries& entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }
  std::string text() const;
  std::string hash() const;  // 32 hex digits of the text

 private:
  ProjectEntries entries_;
  std::uint64_t bytes_ = 0;
};

// The two forms of digests in this protocol.
bool is_sha256(std::string_view text);        // 64 lower-case hex digits
bool is_project_hash(std::string_view text);  // 32 lower-case hex digits

}  // namespace ccci::deploy
