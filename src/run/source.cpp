// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/source.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/text.hpp"
#include "declare/document.hpp"
#include "run/tree_copy.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

// "https://…", "ssh://…", "git@host:path". A local path has no ':' before its first '/'.
bool is_url(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return true;
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon < text.find('/');
}

// "https://git.example.org/recipes/gitea.git" -> "gitea"
std::string name_of(std::string_view place) {
  while (place.ends_with('/')) place.remove_suffix(1);
  const std::size_t cut = place.find_last_of("/:");
  if (cut != std::string_view::npos) place.remove_prefix(cut + 1);
  if (place.ends_with(".git")) place.remove_suffix(4);
  return std::string(place);
}

base::Error clone_failed(const std::string& place, const base::Error& cause) {
  std::string shown = place;
  declare::hide_credentials(shown);
  return base::fail("run.clone").with("source", shown).with("problem", cause.field("cause"));
}

}  // namespace

bool is_bare_repository(const fs::path& directory) {
  std::error_code error;
  return fs::is_regular_file(directory / "HEAD", error) &&
         fs::is_directory(directory / "objects", error) &&
         fs::is_directory(directory / "refs", error);
}

bool is_repository(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / ".git", error) || is_bare_repository(directory);
}

namespace {

base::Result<Source> find_declared(const std::string& wanted,
                                   const declare::Declaration& declaration,
                                   const fs::path& directory) {
  Source source;
  const auto enrolled = declaration.recipes.find(wanted);
  if (enrolled != declaration.recipes.end()) {
    source.name = wanted;
    source.settings = enrolled->second;
    source.place = source.settings.source;
    source.remote = is_url(source.place);
    if (!source.remote) {
      source.place = fs::absolute(directory / source.place).lexically_normal().native();
      source.remote = is_bare_repository(source.place);
    }
    return source;
  }
  source.place = wanted;
  source.remote = is_url(wanted);
  std::error_code error;
  if (!source.remote) {
    if (!fs::is_directory(wanted, error)) {
      base::Error unknown =
          base::fail("run.unknown-recipe", base::Condition::not_found).with("name", wanted);
      const auto names = base::keys_of(declaration.recipes);
      if (const std::string likely = base::likely(wanted, names); !likely.empty())
        unknown = std::move(unknown).with("likely", likely);
      return base::unexpected(std::move(unknown));
    }
    source.place = fs::canonical(wanted, error).native();
    source.remote = is_bare_repository(source.place);
  }
  source.name = name_of(source.place);
  // A recipe that is enrolled under this name and from this place has its settings here too.
  const auto same = declaration.recipes.find(source.name);
  if (same != declaration.recipes.end()) {
    const std::string& place = same->second.source;
    // Without a source there, the recipe is one of the catalogue, known by its name only.
    const bool matches =
        place.empty() ||
        (is_url(place) ? place == source.place
                       : fs::weakly_canonical(directory / place, error) == fs::path(source.place));
    if (matches) source.settings = same->second;
  }
  return source;
}

}  // namespace

base::Result<Source> find_source(const std::string& wanted, const declare::Declaration& declaration,
                                 const fs::path& directory) {
  CCCI_TRY(Source source, find_declared(wanted, declaration, directory));
  if (source.settings.engine.empty()) source.settings.engine = declaration.recipe_engine;
  return source;
}

base::Command Checkout::git(std::vector<std::string> words) const {
  // No program that a hook of this machine's templates names, and no question on a terminal.
  std::vector<std::string> all{"-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false",
                               "-c", "protocol.ext.allow=never"};
  all.insert(all.end(), words.begin(), words.end());
  base::Command command = git::command(work_, std::move(all));
  command.time_limit = std::chrono::minutes(10);
  command.environment->emplace_back("GIT_TERMINAL_PROMPT=0");
  command.environment->emplace_back("GIT_LFS_SKIP_SMUDGE=1");
  return command;
}

base::Result<std::string> Checkout::ask(std::vector<std::string> words) const {
  std::vector<std::string> all{"-C", (work_ / "repository").native()};
  all.insert(all.end(), words.begin(), words.end());
  return git::output(*processes_, git(std::move(all)));
}

base::Result<void> Checkout::clone(const Source& source) {
  base::Command command = git({"clone", "--quiet", "--no-checkout", "--no-local", "--",
                               source.place, (work_ / "repository").native()});
  if (!is_url(source.place)) {
    // git refuses a directory of another user. What upload-pack reads of its configuration runs no
    // program, so cloning one is safe. Only a file can say so to the git at the other end.
    const fs::path settings = work_ / "gitconfig";
    CCCI_CHECK(base::replace_file(settings, "[safe]\n\tdirectory = *\n"));
    command.environment->emplace_back("GIT_CONFIG_GLOBAL=" + settings.native());
  }
  const auto cloned = git::output(*processes_, command);
  if (!cloned) return base::unexpected(clone_failed(source.place, cloned.error()));
  return {};
}

base::Result<std::string> Checkout::resolve(const std::string& ref,
                                            const std::string& place) const {
  for (const std::string& name : {ref, "origin/" + ref}) {
    const auto found =
        ask({"rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"});
    if (found) return std::string(base::trim(*found));
  }
  // A pull request's head is in no branch.
  if (!ref.starts_with('-') && ask({"fetch", "--quiet", "origin", "--", ref})) {
    const auto found = ask({"rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"});
    if (found) return std::string(base::trim(*found));
  }
  std::string shown = place;
  declare::hide_credentials(shown);
  return base::unexpected(base::fail("run.unknown-ref", base::Condition::not_found)
                              .with("ref", ref)
                              .with("source", shown));
}

// A repository that was moved to another branch often still names the old one, and git then clones
// nothing without a word. One without any commit is a recipe without files.
base::Result<void> Checkout::explain_no_head(const std::string& place) const {
  CCCI_TRY(const std::string branches,
           ask({"for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin"}));
  const std::string first(base::trim(std::string_view(branches).substr(0, branches.find('\n'))));
  if (first.empty()) return {};
  std::string shown = place;
  declare::hide_credentials(shown);
  return base::unexpected(base::fail("run.no-head", base::Condition::not_found)
                              .with("source", shown)
                              .with("branch", first));
}

base::Result<void> Checkout::take_tree(const fs::path& from) {
  const fs::path tree = work_ / "head" / name_;
  CCCI_CHECK(base::make_directories(tree.parent_path()));
  CCCI_CHECK(copy_tree(from, tree));
  CCCI_TRY(head_, recipe::Folder::open(tree));
  return {};
}

base::Result<bool> Checkout::differs(const fs::path& tree) const {
  CCCI_CHECK(ask({"read-tree", "HEAD"}));
  CCCI_TRY(const std::string changed,
           ask({"--work-tree=" + tree.native(), "status", "--porcelain", "--untracked-files=all"}));
  return !changed.empty();
}

base::Result<recipe::Folder> Checkout::at(const std::string& commit) const {
  const fs::path tree = work_ / ("at-" + commit.substr(0, 12)) / name_;
  std::error_code error;
  if (!fs::exists(tree, error)) {
    CCCI_CHECK(base::make_directories(tree.parent_path()));
    const auto made =
        ask({"worktree", "add", "--quiet", "--force", "--detach", "--", tree.native(), commit});
    if (!made) return base::unexpected(clone_failed(commit, made.error()));
  }
  return recipe::Folder::open(tree);
}

base::Result<Checkout> Checkout::make(const Source& source, const std::string& ref,
                                      const fs::path& work, base::ProcessRunner& processes) {
  Checkout checkout(work, source.name, processes);
  std::error_code error;
  const bool repository = source.remote || fs::exists(fs::path(source.place) / ".git", error);
  const std::string wanted = ref.empty() ? source.settings.branch : ref;
  if (!repository && !wanted.empty()) {
    return base::unexpected(base::fail("run.unknown-ref", base::Condition::not_found)
                                .with("ref", wanted)
                                .with("source", source.place));
  }
  bool born = false;  // whether it has a commit at all
  if (repository) {
    CCCI_CHECK(checkout.clone(source));
    born = checkout.ask({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}).has_value();
  }
  if (source.remote && !born && wanted.empty()) {
    CCCI_CHECK(checkout.explain_no_head(source.place));
  }
  if (!wanted.empty() || (source.remote && born)) {
    CCCI_TRY(checkout.commit_, checkout.resolve(wanted.empty() ? "HEAD" : wanted, source.place));
    CCCI_TRY(checkout.head_, checkout.at(checkout.commit_));
  } else {
    CCCI_CHECK(checkout.take_tree(source.remote ? work / "repository" : fs::path(source.place)));
    if (born) {
      CCCI_TRY(checkout.commit_, checkout.resolve("HEAD", source.place));
      CCCI_TRY(checkout.dirty_, checkout.differs(checkout.head_->path()));
    }
  }
  if (!checkout.commit_.empty()) {
    CCCI_TRY(const git::Repository found, git::Repository::open(work / "repository", processes));
    CCCI_TRY(checkout.tags_, found.tags());
    CCCI_TRY(checkout.ancestors_, found.tags(checkout.commit_));
    CCCI_TRY(const std::string shallow, checkout.ask({"rev-parse", "--is-shallow-repository"}));
    checkout.shallow_ = base::trim(shallow) == "true";
  }
  return checkout;
}

}  // namespace ccci::run
