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
  base::Command command =
      git::command(settings.parent_path(),
                   {"-c", "protocol.ext.allow=never", "ls-remote", "--quiet", "--", place});
  command.time_limit = patience;
  command.environment->emplace_back("GIT_TERMINAL_PROMPT=0");
  // Only a file can say so to the git at the other end, and listing refs runs no program of the
  // repository.
  CCCI_CHECK(base::replace_file(settings, "[safe]\n\tdirectory = *\n"));
  command.environment->emplace_back("GIT_CONFIG_GLOBAL=" + settings.native());
  auto said = output(processes, command);
  if (!said) {
    return base::unexpected(base::fail("git.remote").with("problem", said.error().field("cause")));
  }
  RemoteRefs refs = read_remote_refs(*said, branch);
  if (!branch.empty() && refs.head.empty())
    return base::unexpected(base::fail("git.no-branch").with("branch", branch));
  return refs;
}

}  // namespace ccci::git
