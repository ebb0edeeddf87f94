// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/history.hpp"

namespace ccci::recipe {

namespace {

// The repository whose top is the folder.
std::optional<git::Repository> repository_of(const Folder& folder, base::ProcessRunner& processes) {
  std::error_code error;
  if (!std::filesystem::exists(folder.path() / ".git", error)) return std::nullopt;
  auto repository = git::Repository::open(folder.path(), processes);
  if (!repository || repository->root() != folder.path()) return std::nullopt;
  return std::move(*repository);
}

}  // namespace

base::Result<std::optional<History>> read_history(const Folder& folder,
                                                  base::ProcessRunner& processes) {
  const std::optional<git::Repository> repository = repository_of(folder, processes);
  if (!repository) return std::nullopt;
  const auto head = repository->head();
  if (!head) return std::nullopt;
  History history;
  history.commit = head->id;
  history.dirty = !repository->require_clean();
  CCCI_TRY(history.tags, repository->tags());
  CCCI_TRY(history.ancestors, repository->tags(head->id));
  return history;
}

base::Result<std::optional<std::vector<git::Tag>>> read_tags(const Folder& folder,
                                                             base::ProcessRunner& processes) {
  const std::optional<git::Repository> repository = repository_of(folder, processes);
  if (!repository) return std::nullopt;
  CCCI_TRY(std::vector<git::Tag> tags, repository->tags());
  return tags;
}

}  // namespace ccci::recipe
