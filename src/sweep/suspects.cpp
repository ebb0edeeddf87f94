// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/suspects.hpp"

#include <algorithm>

#include "git/repository.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_revisions = 50;

std::string lock_of(const std::string& declaration) {
  return fs::path(declaration).replace_extension(".lock").native();
}

}  // namespace

base::Result<Revisions> Revisions::open(const fs::path& file, const fs::path& work,
                                        base::ProcessRunner& processes) {
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  CCCI_TRY(const git::Repository repository, git::Repository::open(real.parent_path(), processes));
  const fs::path root = fs::canonical(repository.root(), error);
  CCCI_TRY(git::Clone clone, git::Clone::make(root.native(), work / "declaration", processes));
  return Revisions(std::move(clone), real.lexically_relative(root).native());
}

base::Result<fs::path> Revisions::at(const std::string& commit) const {
  CCCI_CHECK(clone_.go_to(commit));
  return clone_.directory() / path_;
}

base::Result<std::vector<Revision>> Revisions::since(const std::string& green,
                                                     const std::string& present,
                                                     const DigestOf& digest_of,
                                                     const std::string& what,
                                                     base::Progress& progress) const {
  std::vector<Revision> found{{{}, present, {}}};
  if (green == present) return found;
  CCCI_TRY(const auto commits, clone_.commits_of({path_, lock_of(path_)}, most_revisions));
  progress.begin("searching for the " + what + " of the green run", commits.size(),
                 base::Progress::Unit::things);
  for (const std::string& commit : commits) {
    progress.advance(1, commit);
    CCCI_TRY(const fs::path file, at(commit));
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    const auto digest = digest_of(file);
    if (!digest) continue;
    if (*digest != found.back().digest) found.push_back({commit, *digest});
    found.back().since = commit;
    if (*digest == green) break;
  }
  progress.end();
  if (found.back().digest != green) return std::vector<Revision>();
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace ccci::sweep
