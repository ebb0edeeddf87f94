// SPDX-License-Identifier: GPL-3.0-or-later
// Asks a repository that may be on another machine for its refs, without cloning it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "git/repository.hpp"

namespace ccci::git {

struct RemoteRefs {
  std::string head;       // commit of HEAD; empty: it has no commit
  std::vector<Tag> tags;  // by name

  bool operator==(const RemoteRefs&) const = default;
};

// `place` is a directory or a URL. `settings` is a git configuration file that this writes: git
// otherwise refuses a directory of another user. With `branch`, `head` is the commit of this
// branch. [git.remote] with git's message, [git.no-branch]
base::Result<RemoteRefs> remote_refs(const std::string& place, const std::string& branch,
                                     const std::filesystem::path& settings,
                                     base::ProcessRunner& processes);

// Whether the tag leads to a commit: ls-remote does not tell it from a tree or a file. The tag, and
// nothing of its history, is fetched into `directory`, which is made. `settings` as above.
// [git.remote]
base::Result<bool> leads_to_commit(const std::string& place, const std::string& tag,
                                   const std::filesystem::path& directory,
                                   const std::filesystem::path& settings,
                                   base::ProcessRunner& processes);

// Whether the repository in the directory `place` is a shallow clone, which lacks tags and commits.
// False if git cannot tell.
bool is_shallow(const std::string& place, const std::filesystem::path& settings,
                base::ProcessRunner& processes);

// Reads what `git ls-remote` prints. Pure.
RemoteRefs read_remote_refs(std::string_view text, const std::string& branch);

}  // namespace ccci::git
