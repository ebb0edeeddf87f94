// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/remote.hpp"

#include <map>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::git {

namespace {

constexpr std::string_view tag_prefix = "refs/tags/";
constexpr std::string_view peeled_suffix = "^{}";
constexpr std::chrono::minutes patience{2};

// A command that may ask a repository of another user.
base::Result<base::Command> asking(std::vector<std::string> words,
                                   const std::filesystem::path& settings) {
  words.insert(words.begin(), {"-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null"});
  base::Command command = git::command(settings.parent_path(), std::move(words));
  command.time_limit = patience;
  // Only a file can say so to the git at the other end, and listing refs runs no program of the
  // repository.
  CCCI_CHECK(base::replace_file(settings, "[safe]\n\tdirectory = *\n"));
  command.environment->emplace_back("GIT_CONFIG_GLOBAL=" + settings.native());
  return command;
}

}  // namespace

RemoteRefs read_remote_refs(std::string_view text, const std::string& branch) {
  RemoteRefs refs;
  std::map<std::string, Tag, std::less<>> tags;
  const std::string wanted = branch.empty() ? "HEAD" : "refs/heads/" + branch;
  for (const std::string_view line : base::split(text, '\n')) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const std::string commit(line.substr(0, tab));
    std::string_view name = line.substr(tab + 1);
    if (name == wanted) refs.head = commit;
    if (!name.starts_with(tag_prefix)) continue;
    name.remove_prefix(tag_prefix.size());
    // An annotated tag has a second line, with the commit that it points at in the end.
    const bool peeled = name.ends_with(peeled_suffix);
    if (peeled) name.remove_suffix(peeled_suffix.size());
    Tag& tag = tags[std::string(name)];
    tag.name = name;
    if (peeled || tag.commit.empty()) tag.commit = commit;
    tag.annotated = tag.annotated || peeled;
  }
  for (auto& [name, tag] : tags) refs.tags.push_back(std::move(tag));
  return refs;
}

base::Result<RemoteRefs> remote_refs(const std::string& place, const std::string& branch,
                                     const std::filesystem::path& settings,
                                     base::ProcessRunner& processes) {
  CCCI_TRY(const base::Command command, asking({"ls-remote", "--quiet", "--", place}, settings));
  auto said = output(processes, command);
  if (!said) {
    return base::unexpected(base::fail("git.remote").with("problem", said.error().field("cause")));
  }
  RemoteRefs refs = read_remote_refs(*said, branch);
  if (!branch.empty() && refs.head.empty())
    return base::unexpected(base::fail("git.no-branch").with("branch", branch));
  return refs;
}

base::Result<bool> leads_to_commit(const std::string& place, const std::string& tag,
                                   const std::filesystem::path& directory,
                                   const std::filesystem::path& settings,
                                   base::ProcessRunner& processes) {
  const auto ask = [&](std::vector<std::string> words) -> base::Result<std::string> {
    CCCI_TRY(const base::Command command, asking(std::move(words), settings));
    auto said = output(processes, command);
    if (said) return said;
    return base::unexpected(base::fail("git.remote").with("problem", said.error().field("cause")));
  };
  CCCI_CHECK(ask({"init", "--quiet", "--bare", "--template=", "--", directory.native()}));
  const std::string own = "--git-dir=" + directory.native();
  CCCI_CHECK(ask({own, "fetch", "--quiet", "--no-tags", "--depth=1", "--", place,
                  std::string(tag_prefix) + tag}));
  CCCI_TRY(const std::string type, ask({own, "cat-file", "-t", "FETCH_HEAD^{}"}));
  return base::trim(type) == "commit";
}

bool is_shallow(const std::string& place, const std::filesystem::path& settings,
                base::ProcessRunner& processes) {
  const auto command = asking({"-C", place, "rev-parse", "--is-shallow-repository"}, settings);
  if (!command) return false;
  const auto said = output(processes, *command);
  return said && base::trim(*said) == "true";
}

}  // namespace ccci::git
