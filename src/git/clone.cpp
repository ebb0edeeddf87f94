// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/clone.hpp"

#include "base/files.hpp"
#include "base/text.hpp"
#include "git/repository.hpp"

namespace ccci::git {

namespace fs = std::filesystem;

base::Command Clone::command(std::vector<std::string> words) const {
  std::vector<std::string> all{"-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false",
                               "-c", "protocol.ext.allow=never"};
  all.insert(all.end(), words.begin(), words.end());
  base::Command run = git::command(directory_.parent_path(), std::move(all));
  run.environment->emplace_back("GIT_LFS_SKIP_SMUDGE=1");
  return run;
}

base::Result<Clone> Clone::make(const std::string& place, const fs::path& directory,
                                base::ProcessRunner& processes) {
  const Clone clone(directory, processes);
  base::Command run = clone.command(
      {"clone", "--quiet", "--no-checkout", "--no-local", "--", place, directory.native()});
  // git refuses a directory of another user. Only a file can allow it to the git at the other end.
  const fs::path settings = directory.native() + ".gitconfig";
  CCCI_CHECK(base::replace_file(settings, "[safe]\n\tdirectory = *\n"));
  run.environment->emplace_back("GIT_CONFIG_GLOBAL=" + settings.native());
  const auto said = output(processes, run);
  if (said) return clone;
  return base::unexpected(base::fail("git.remote").with("problem", said.error().field("cause")));
}

namespace {

// A commit may come from a database that others write, and git would take some words for options.
base::Result<void> require_commit(const std::string& text) {
  constexpr std::size_t longest = 64;
  if (!text.empty() && text.size() <= longest &&
      text.find_first_not_of("0123456789abcdef") == std::string::npos)
    return {};
  return base::unexpected(
      base::fail("git.remote").with("problem", "'" + text.substr(0, longest) + "' is no commit"));
}

}  // namespace

base::Result<void> Clone::go_to(const std::string& commit) const {
  CCCI_CHECK(require_commit(commit));
  CCCI_CHECK(output(*processes_, command({"-C", directory_.native(), "checkout", "--quiet",
                                          "--force", "--detach", commit})));
  return {};
}

base::Result<std::vector<std::string>> Clone::lines(std::vector<std::string> words) const {
  words.insert(words.begin(), {"-C", directory_.native()});
  CCCI_TRY(const std::string text, output(*processes_, command(std::move(words))));
  std::vector<std::string> found;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.empty()) found.emplace_back(line);
  return found;
}

base::Result<std::vector<std::string>> Clone::commits_between(const std::string& after,
                                                              const std::string& last) const {
  for (const std::string* one : {&after, &last}) CCCI_CHECK(require_commit(*one));
  if (after == last) return std::vector<std::string>();
  const auto in_history = lines({"merge-base", "--is-ancestor", after, last});
  if (!in_history) return std::vector{last};
  return lines({"rev-list", "--reverse", "--first-parent", last, "^" + after});
}

base::Result<std::vector<std::string>> Clone::commits_of(const std::vector<std::string>& files,
                                                         std::size_t most) const {
  std::vector<std::string> words{"rev-list", "--first-parent",
                                 "--max-count=" + std::to_string(most), "HEAD", "--"};
  words.insert(words.end(), files.begin(), files.end());
  return lines(std::move(words));
}

}  // namespace ccci::git
