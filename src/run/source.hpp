// SPDX-License-Identifier: GPL-3.0-or-later
// Which recipe is meant, and its files at a commit. All work happens in copies: the recipe's own
// directory is only read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "git/repository.hpp"
#include "recipe/folder.hpp"

namespace ccci::run {

struct Source {
  std::string name;                  // of the recipe
  std::string place;                 // a directory or a URL
  bool remote = false;               // a URL, or a bare repository: it has no files of its own
  declare::EnrolledRecipe settings;  // of the declaration; empty for one that is not enrolled
  // What tells the stack from those of other runs in a shared engine; empty: nothing needs to.
  std::string distinction = {};
};

// `wanted` is a name in [recipes], a directory, or a git URL. A directory wins if it has a slash.
// [run.unknown-recipe]
base::Result<Source> find_source(const std::string& wanted, const declare::Declaration& declaration,
                                 const std::filesystem::path& directory);

// Whether the directory has a work tree of git, or is a bare repository.
bool is_repository(const std::filesystem::path& directory);
bool is_bare_repository(const std::filesystem::path& directory);

// The recipe to test, copied.
class Checkout {
 public:
  // `work` is an empty directory of the run. Without `ref`, the files are those of the directory as
  // they are now, also uncommitted ones. [run.clone], [run.unknown-ref], [run.no-head],
  // [run.large-recipe], [recipe.*]
  static base::Result<Checkout> make(const Source& source, const std::string& ref,
                                     const std::filesystem::path& work,
                                     base::ProcessRunner& processes);

  const std::string& commit() const { return commit_; }  // empty: no repository
  bool dirty() const { return dirty_; }
  const std::vector<git::Tag>& tags() const { return tags_; }            // all
  const std::vector<git::Tag>& ancestors() const { return ancestors_; }  // in the commit's history
  bool has_history() const { return !commit_.empty(); }
  bool shallow() const { return shallow_; }  // its repository lacks older commits and their tags
  const recipe::Folder& head() const { return *head_; }
  // The files of another commit of it. [run.clone]
  base::Result<recipe::Folder> at(const std::string& commit) const;

 private:
  Checkout(std::filesystem::path work, std::string name, base::ProcessRunner& processes)
      : work_(std::move(work)), name_(std::move(name)), processes_(&processes) {}

  base::Command git(std::vector<std::string> words) const;
  base::Result<std::string> ask(std::vector<std::string> words) const;
  base::Result<void> clone(const Source& source);
  base::Result<std::string> resolve(const std::string& ref, const std::string& place) const;
  base::Result<void> explain_no_head(const std::string& place) const;
  base::Result<void> take_tree(const std::filesystem::path& from);
  base::Result<bool> differs(const std::filesystem::path& tree) const;

  std::filesystem::path work_;
  std::string name_;
  base::ProcessRunner* processes_;
  std::string commit_;
  bool dirty_ = false;
  std::vector<git::Tag> tags_;
  std::vector<git::Tag> ancestors_;
  bool shallow_ = false;
  std::optional<recipe::Folder> head_;
};

}  // namespace ccci::run
