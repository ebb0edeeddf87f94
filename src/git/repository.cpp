// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/repository.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/hash.hpp"
#include "base/text.hpp"

extern char** environ;

namespace ccci::git {

namespace fs = std::filesystem;

namespace {

// The variables of `git rev-parse --local-env-vars`, and variables that make git run a program or
// write a trace file.
constexpr std::array<std::string_view, 22> redirecting{"GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                       "GIT_CEILING_DIRECTORIES",
                                                       "GIT_COMMON_DIR",
                                                       "GIT_CONFIG",
                                                       "GIT_CONFIG_COUNT",
                                                       "GIT_CONFIG_PARAMETERS",
                                                       "GIT_DIR",
                                                       "GIT_EXEC_PATH",
                                                       "GIT_EXTERNAL_DIFF",
                                                       "GIT_GRAFT_FILE",
                                                       "GIT_IMPLICIT_WORK_TREE",
                                                       "GIT_INDEX_FILE",
                                                       "GIT_INTERNAL_SUPER_PREFIX",
                                                       "GIT_NAMESPACE",
                                                       "GIT_NO_REPLACE_OBJECTS",
                                                       "GIT_OBJECT_DIRECTORY",
                                                       "GIT_OPTIONAL_LOCKS",
                                                       "GIT_PREFIX",
                                                       "GIT_REPLACE_REF_BASE",
                                                       "GIT_SHALLOW_FILE",
                                                       "GIT_TERMINAL_PROMPT",
                                                       "GIT_WORK_TREE"};

bool object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool in_repository(const fs::path& directory) {
  std::error_code error;
  for (fs::path at = fs::absolute(directory).lexically_normal();; at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return true;
    if (at == at.parent_path()) return false;
  }
}

std::vector<std::string_view> items(std::string_view text, char separator) {
  std::vector<std::string_view> parts = base::split(text, separator);
  parts.erase(std::remove_if(parts.begin(), parts.end(),
                             [](std::string_view part) { return part.empty(); }),
              parts.end());
  return parts;
}

}  // namespace

std::string program(std::string_view path, const fs::path& host) {
  for (const std::string_view directory : base::split(path, ':')) {
    if (directory.starts_with('/') &&
        access((host / directory.substr(1) / "git").c_str(), X_OK) == 0) {
      return "git";
    }
  }
  // The PATH of sudo and of services lacks this directory. activate/layout.hpp makes it.
  const std::string own = "/usr/local/lib/cc-ci/current/bin/git";
  return access((host / own.substr(1)).c_str(), X_OK) == 0 ? own : "git";
}

base::Command command(const fs::path& directory, std::vector<std::string> words) {
  base::Command run;
  const char* path = std::getenv("PATH");
  run.argv = {program(path == nullptr ? base::standard_path : path), "-c", "core.quotePath=false",
              "-c", "core.fsmonitor=false"};
  run.argv.insert(run.argv.end(), words.begin(), words.end());
  run.directory = directory.native();
  run.environment.emplace();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    const bool drop = name == "LC_ALL" || name == "LANGUAGE" || name.starts_with("GIT_TRACE") ||
                      std::find(redirecting.begin(), redirecting.end(), name) != redirecting.end();
    if (!drop) run.environment->emplace_back(text);
  }
  // GIT_NO_REPLACE_OBJECTS: a replace ref would show a commit with the content of another one.
  for (const char* variable :
       {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1"}) {
    run.environment->emplace_back(variable);
  }
  run.time_limit = std::chrono::minutes(5);
  return run;
}

base::Result<std::string> output(base::ProcessRunner& processes, const base::Command& wanted) {
  auto ran = processes.run(wanted);
  if (!ran && ran.error().is(std::errc::no_such_file_or_directory) &&
      wanted.argv.front() == "git") {
    return base::unexpected(base::fail("gate.no-git"));
  }
  CCCI_TRY(base::Outcome outcome, std::move(ran));
  if (outcome.status == 0 && !outcome.timed_out && !outcome.truncated) return outcome.out;
  std::string cause(base::trim(outcome.err.substr(0, 600)));
  if (outcome.timed_out) cause = "it did not end in time";
  if (outcome.truncated) cause = "it printed too much";
  if (cause.empty()) cause = "exit status " + std::to_string(outcome.status);
  std::string shown;
  for (const std::string& word : wanted.argv) {
    if (word == "-c" || word.starts_with("core.")) continue;
    shown += (shown.empty() ? "" : " ") + word;
  }
  return base::unexpected(base::fail("gate.git").with("command", shown).with("cause", cause));
}

base::Result<std::string> Repository::ask(std::vector<std::string> words) const {
  return output(*processes_, command(root_, std::move(words)));
}

base::Result<Repository> Repository::open(const fs::path& directory,
                                          base::ProcessRunner& processes) {
  const fs::path start = directory.empty() ? fs::path(".") : directory;
  const auto top = output(processes, command(start, {"rev-parse", "--show-toplevel"}));
  std::string root = top.value_or("");
  if (root.ends_with('\n')) root.pop_back();
  if (root.empty()) {
    return base::unexpected(base::fail("gate.no-repository").with("path", start.native()));
  }
  return Repository(root, processes);
}

base::Result<std::filesystem::path> Repository::git_directory() const {
  CCCI_TRY(const std::string path, ask({"rev-parse", "--absolute-git-dir"}));
  return std::filesystem::path(path.substr(0, path.find('\n')));
}

base::Result<std::string> Repository::identity() const {
  CCCI_TRY(const std::string shallow, ask({"rev-parse", "--is-shallow-repository"}));
  if (base::trim(shallow) != "false") {
    return base::unexpected(base::fail("gate.shallow").with("path", root_.native()));
  }
  if (!ask({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"})) {
    return base::unexpected(base::fail("gate.no-repository").with("path", root_.native()));
  }
  CCCI_TRY(const std::string roots, ask({"rev-list", "--max-parents=0", "HEAD"}));
  std::vector<std::string_view> commits = items(roots, '\n');
  // A history that is merged later adds root commits. The oldest one of the branch stays the last.
  if (commits.empty())
    return base::unexpected(base::fail("gate.no-repository").with("path", root_.native()));
  return base::sha256(commits.back()).hex().substr(0, 32);
}

base::Result<Commit> Repository::head() const {
  CCCI_TRY(const std::string text, ask({"rev-parse", "HEAD^{commit}", "HEAD^{tree}"}));
  const auto ids = items(text, '\n');
  if (ids.size() != 2 || !object_id(ids[0]) || !object_id(ids[1])) {
    return base::unexpected(
        base::fail("gate.git").with("command", "git rev-parse").with("cause", "no commit"));
  }
  return Commit{std::string(ids[0]), std::string(ids[1])};
}

base::Result<void> Repository::require_clean() const {
  CCCI_TRY(const std::string text, ask({"status", "--porcelain=v1", "-z", "--untracked-files=all",
                                        "--ignore-submodules=none"}));
  if (text.empty()) return {};
  constexpr std::size_t most = 10;
  std::string files;
  std::size_t count = 0;
  for (const std::string_view entry : items(text, '\0')) {
    if (count++ < most) files += base::printable(entry) + "\n";
  }
  return base::unexpected(base::fail("gate.dirty")
                              .with("path", root_.native())
                              .with("count", base::counted(count, "file"))
                              .with("files", files));
}

base::Result<Remote> Repository::remote(const std::string& name) const {
  Remote remote{name, {}};
  if (remote.name.empty()) {
    remote.name = "origin";
    const auto branch = ask({"symbolic-ref", "--quiet", "--short", "HEAD"});
    if (branch) {
      const std::string key = "branch." + std::string(base::trim(*branch)) + ".remote";
      const auto own = ask({"config", "--get", key});
      if (own && !base::trim(*own).empty()) remote.name = base::trim(*own);
    }
  }
  const auto url = ask({"remote", "get-url", "--", remote.name});
  if (!url || base::trim(*url).empty()) {
    return base::unexpected(base::fail("gate.no-remote").with("remote", remote.name));
  }
  remote.url = base::trim(*url);
  return remote;
}

base::Result<bool> Repository::holds(const std::string& ancestor, const std::string& commit) const {
  CCCI_TRY(const base::Outcome outcome,
           processes_->run(command(root_, {"merge-base", "--is-ancestor", ancestor, commit})));
  return outcome.status == 0;  // 1: no; 128: unknown, because the remote's commit is not here
}

base::Result<void> Repository::require_pushed(const Commit& commit, const Remote& remote) const {
  CCCI_TRY(const std::string text, ask({"ls-remote", "--heads", "--tags", "--", remote.name}));
  std::vector<std::string> ids;
  for (const std::string_view line : items(text, '\n')) {
    const std::string_view id = line.substr(0, line.find('\t'));
    if (id == commit.id) return require_submodules_pushed(commit);
    if (object_id(id)) ids.emplace_back(id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const std::string& id : ids) {
    CCCI_TRY(const bool held, holds(commit.id, id));
    if (held) return require_submodules_pushed(commit);
  }
  return base::unexpected(base::fail("gate.unpushed")
                              .with("commit", commit.id.substr(0, 12))
                              .with("path", root_.native())
                              .with("remote", remote.name));
}

base::Result<void> Repository::require_submodules_pushed(const Commit& commit) const {
  CCCI_TRY(const std::string text, ask({"ls-tree", "-r", "-z", "--full-tree", commit.id}));
  for (const std::string_view entry : items(text, '\0')) {
    if (!entry.starts_with("160000 commit ")) continue;
    const std::string_view id = entry.substr(14, entry.find('\t') - 14);
    const fs::path path = root_ / entry.substr(entry.find('\t') + 1);
    // A submodule that is not checked out cannot be checked here. The cold clone will check it.
    if (!fs::exists(path / ".git")) continue;
    CCCI_TRY(const Repository submodule, open(path, *processes_));
    CCCI_TRY(const Remote remote, submodule.remote({}));
    CCCI_CHECK(submodule.require_pushed({std::string(id), {}}, remote));
  }
  return {};
}

base::Result<std::string> Repository::file_at(const std::string& commit,
                                              const std::string& path) const {
  auto text = ask({"cat-file", "blob", commit + ":" + path});
  if (text) return text;
  return base::unexpected(
      base::fail("gate.not-in-commit").with("path", path).with("commit", commit.substr(0, 12)));
}

base::Result<bool> Repository::has_path(const std::string& commit, const std::string& path) const {
  std::string name = path;
  while (name.ends_with('/')) name.pop_back();
  CCCI_TRY(const base::Outcome outcome,
           processes_->run(command(root_, {"cat-file", "-e", commit + ":" + name})));
  return outcome.status == 0;
}

base::Result<std::vector<std::string>> Repository::files_at(const std::string& commit,
                                                            const std::string& directory) const {
  CCCI_TRY(const std::string text, ask({"ls-tree", "-z", "--full-tree", commit, directory + "/"}));
  std::vector<std::string> names;
  for (const std::string_view entry : items(text, '\0')) {
    const bool file = entry.starts_with("100644 blob ") || entry.starts_with("100755 blob ");
    if (file) names.emplace_back(entry.substr(entry.rfind('/') + 1));
  }
  return names;
}

base::Result<std::vector<Tag>> Repository::tags(const std::string& merged_into) const {
  std::vector<std::string> words{"for-each-ref", "--sort=refname",
                                 "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00"
                                 "%(*objecttype)%00%(*objectname)"};
  if (!merged_into.empty()) words.push_back("--merged=" + merged_into);
  words.emplace_back("refs/tags");
  CCCI_TRY(const std::string text, ask(words));
  std::vector<Tag> tags;
  for (const std::string_view line : items(text, '\n')) {
    const std::vector<std::string_view> parts = base::split(line, '\0');
    if (parts.size() != 5) continue;
    const bool annotated = parts[1] == "tag";
    const bool of_commit = (annotated ? parts[3] : parts[1]) == "commit";
    if (of_commit)
      tags.push_back({std::string(parts[0]), annotated, std::string(parts[annotated ? 4 : 2])});
  }
  return tags;
}

Origin origin(const fs::path& directory, base::ProcessRunner& processes) {
  const auto repository = Repository::open(directory, processes);
  if (!repository) return {};
  const auto head = repository->head();
  if (!head) return {};
  return {head->id, !repository->require_clean()};
}

base::Result<std::vector<std::string>> tracked_files(const fs::path& directory,
                                                     base::ProcessRunner& processes) {
  std::vector<std::string> paths;
  if (!in_repository(directory)) return paths;
  CCCI_TRY(const std::string text, output(processes, command(directory, {"ls-files", "-z"})));
  for (const std::string_view path : items(text, '\0')) paths.emplace_back(path);
  return paths;
}

}  // namespace ccci::git
