// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a git repository by running git. Never changes the repository, its index or its refs.
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

// The git to run: the one on `path`, or that of the environment which is active on this machine.
std::string program(std::string_view path, const std::filesystem::path& host = "/");

// A git command with a clean environment: no variable names another repository, and git never waits
// for a password.
base::Command command(const std::filesystem::path& directory, std::vector<std::string> words);

// The origin of a directory's files: HEAD, and whether files differ from it.
struct Origin {
  std::string commit;  // empty: there is no repository, or it has no commits
  bool dirty = false;
};
Origin origin(const std::filesystem::path& directory, base::ProcessRunner& processes);

// The files of the index at and below `directory`, by their paths in it. Nothing if `directory` is
// in no repository. If git fails in a repository: [gate.git]
base::Result<std::vector<std::string>> tracked_files(const std::filesystem::path& directory,
                                                     base::ProcessRunner& processes);

// `commit` is what the tag points at in the end.
struct Tag {
  std::string name;
  bool annotated = false;
  std::string commit;

  bool operator==(const Tag&) const = default;
};

class Repository {
 public:
  // [gate.no-repository]
  static base::Result<Repository> open(const std::filesystem::path& directory,
                                       base::ProcessRunner& processes);

  const std::filesystem::path& root() const { return root_; }

  // The same for every clone, because it is made from the first commit. [gate.shallow]
  base::Result<std::string> identity() const;

  // git's own directory of this work tree. [gate.git]
  base::Result<std::filesystem::path> git_directory() const;

  base::Result<Commit> head() const;  // [gate.git]

  // Tags of commits, by name. With `merged_into`: only those in the history of this commit.
  // [gate.git]
  base::Result<std::vector<Tag>> tags(const std::string& merged_into = {}) const;

  // Fails with [gate.dirty] if files are changed, staged, untracked or in conflict, or if
  // submodules are changed. Ignored files do not count.
  base::Result<void> require_clean() const;

  // If `name` is empty, returns the branch's own remote, or origin. [gate.no-remote]
  base::Result<Remote> remote(const std::string& name) const;

  // Asks the remote itself (ls-remote), because a remote-tracking branch may be old or forged. Also
  // checks each submodule that is checked out. [gate.unpushed]
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

  // Returns git's stdout if git succeeds. [gate.git]
  base::Result<std::string> ask(std::vector<std::string> words) const;
  base::Result<bool> holds(const std::string& ancestor, const std::string& commit) const;
  base::Result<void> require_submodules_pushed(const Commit& commit) const;

  std::filesystem::path root_;
  base::ProcessRunner* processes_;
};

// Returns what the command prints. If it fails: [gate.git] with git's message. [gate.no-git]
base::Result<std::string> output(base::ProcessRunner& processes, const base::Command& command);

}  // namespace ccci::git
