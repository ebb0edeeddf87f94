// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/history.hpp"

namespace ccci::recipe {

base::Result<std::optional<History>> read_history(const Folder& folder,
                                                  base::ProcessRunner& processes) {
  std::error_code error;
  if (!std::filesystem::exists(folder.path() / ".git", error)) return std::nullopt;
  const auto repository = git::Repository::open(folder.path(), processes);
  if (!repository || repository->root() != folder.path()) return std::nullopt;
  const auto head = repository->head();
  if (!head) return std::nullopt;
  History history;
  history.commit = head->id;
  history.dirty = !repository->require_clean();
  CCCI_TRY(history.tags, repository->tags());
  CCCI_TRY(history.ancestors, repository->tags(head->id));
  return history;
}

}  // namespace ccci::recipe
