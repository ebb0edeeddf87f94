// SPDX-License-Identifier: GPL-3.0-or-later
// The project that goes to a host: which files its directory holds, by digest. Timers run scripts
// of it, and the host builds from its declaration and its lock.
//
//   cc-ci-project 1
//   file 644 1832 SHA256 cc-ci.toml
//   link scripts/run tests/e2e/run          (the target comes last)
//
// Sorted by path; names escaped as in the lock. Directories are where files are.
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
  std::string sha256;  // of a file
  std::string target;  // of a link; empty: a file

  bool is_link() const { return !target.empty(); }
  bool operator==(const ProjectEntry&) const = default;
};

// By path below the project's directory.
using ProjectEntries = std::map<std::string, ProjectEntry>;

inline constexpr std::size_t most_project_entries = 50'000;
inline constexpr std::uint64_t most_project_bytes = 1ULL << 30U;

class ProjectManifest {
 public:
  // Refuses what could lead out of the directory, names a thing twice or exceeds the limits.
  // [deploy.project-entry], [deploy.project-large]
  static base::Result<ProjectManifest> of(ProjectEntries entries);
  // Exactly what text() gives. [deploy.message] and those above
  static base::Result<ProjectManifest> read(std::string_view text);

  const ProjectEntries& entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }
  std::string text() const;
  std::string hash() const;  // 32 hex digits of the text

 private:
  ProjectEntries entries_;
  std::uint64_t bytes_ = 0;
};

// The two words that name things here.
bool is_sha256(std::string_view text);        // 64 lower-case hex digits
bool is_project_hash(std::string_view text);  // 32 of them

}  // namespace ccci::deploy
