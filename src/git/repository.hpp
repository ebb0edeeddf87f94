// SPDX-License-Identifier: GPL-3.0-or-later
// A git repository, read by git itself. Nothing here changes the repository, its index or its refs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"

namespace ccci::git {

struct Commit {
  std::string id;  // 40 or 64 hex digits
  std::string tree;

  bool operator==(const Commit&) const = default;
};

struct Remote {
  std::string name;
  std::string url;
};

// A git command with clean variables: none names another repository, and git never waits for a
// password.
base::Command command(const std::filesystem::path& directory, std::vector<std::string> words);

class Repository {
 public:
  // [gate.no-repository]
  static base::Result<Repository> open(const std::filesystem::path& directory,
                                       base::ProcessRunner& processes);

  const std::filesystem::path& root() const { return root_; }

  // The same for every clone: made of the first commits. [gate.shallow]
  base::Result<std::string> identity() const;

  base::Result<Commit> head() const;  // [gate.git]

  // Files changed, staged, untracked or in conflict, and changed submodules; ignored files do not
  // count. [gate.dirty]
  base::Result<void> require_clean() const;

  // `name` empty: the branch's own remote, or origin. [gate.no-remote]
  base::Result<Remote> remote(const std::string& name) const;

  // Asks the remote itself what it has (ls-remote); what a remote-tracking branch says may be old
  // or made up. The same for each submodule that is there. [gate.unpushed]
  base::Result<void> require_pushed(const Commit& commit, const Remote& remote) const;

  // [gate.not-in-commit]
  base::Result<std::string> file_at(const std::string& commit, const std::string& path) const;
  base::Result<bool> has_path(const std::string& commit, const std::string& path) const;
  // Names directly below `directory`, files only.
  base::Result<std::vector<std::string>> files_at(const std::string& commit,
                                                  const std::string& directory) const;

 private:
  Repository(std::filesystem::path root, base::ProcessRunner& processes)
      : root_(std::move(root)), processes_(&processes) {}

  // stdout of git where it succeeds. [gate.git]
  base::Result<std::string> ask(std::vector<std::string> words) const;
  base::Result<bool> holds(const std::string& ancestor, const std::string& commit) const;
  base::Result<void> require_submodules_pushed(const Commit& commit) const;

  std::filesystem::path root_;
  base::ProcessRunner* processes_;
};

// What the command prints. Where it fails: [gate.git] with the message of git.
base::Result<std::string> output(base::ProcessRunner& processes, const base::Command& command);

}  // namespace ccci::git
