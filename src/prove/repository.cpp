// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/repository.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "git/repository.hpp"
#include "project/declared_files.hpp"
#include "project/project.hpp"
#include "project/view.hpp"
#include "prove/proofs.hpp"
#include "prove/readers.hpp"
#include "wording/message.hpp"

namespace ccci::prove {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 200000;
constexpr std::uint64_t most_names = 64U << 20U;  // bytes
constexpr std::size_t first_bytes = 256;          // enough for a `#!` line

base::Result<std::string> ask(const std::string& directory, std::vector<std::string> words,
                              std::uint64_t limit) {
  base::Command command = git::command(directory, std::move(words));
  command.output_limit = limit;
  command.time_limit = std::chrono::seconds(60);
  return git::output(base::real_processes(), command);
}

std::vector<std::string> names(const std::string& listing) {
  std::vector<std::string> out;
  for (const std::string_view name : base::split(listing, '\0')) {
    if (!name.empty()) out.emplace_back(name);
  }
  return out;
}

// The file's text if a reader handles it. Nothing for links, directories and deleted files.
base::Result<std::optional<std::string>> wanted_text(int root, const std::string& path) {
  const auto file =
      base::open_in_root(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat status = {};
  if (!file) {
    // The target of a link is listed itself or is outside of the repository.
    const bool link = fstatat(root, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0
                          ? S_ISLNK(status.st_mode)
                          : errno == ENOENT || errno == ENOTDIR;
    if (link) return std::optional<std::string>{};
    return base::unexpected(file.error());
  }
  if (fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::optional<std::string>{};
  }
  if (format_of(path, {}).empty()) {
    std::string first(first_bytes, '\0');
    const ssize_t got = pread(file->get(), first.data(), first.size(), 0);
    first.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (format_of(path, first).empty()) return std::optional<std::string>{};
  }
  CCCI_TRY(std::string text, base::read_fd(file->get(), largest_file, path));
  return std::optional(std::move(text));
}

}  // namespace

ProvenRepository::ProvenRepository(const project::Project& project) : project_(project) {
  auto top = ask(project.directory().native(), {"rev-parse", "--show-toplevel"}, 1U << 16U);
  if (top) {
    root_ = std::string(base::trim(*top));
  } else {
    unavailable_ = wording::one_line(top.error());
  }
}

std::vector<Reading> ProvenRepository::readings() const {
  if (root_.empty()) return {{".", {}, unavailable_}};
  std::set<std::string> paths;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"ls-files", "-z", "--cached", "--recurse-submodules"},
        std::vector<std::string>{"ls-files", "-z", "--others", "--exclude-standard"}}) {
    const auto listing = ask(root_, words, most_names);
    if (!listing) return {{".", {}, wording::one_line(listing.error())}};
    for (std::string& name : names(*listing)) paths.insert(std::move(name));
  }
  if (paths.size() > most_files) {
    return {{".", {}, "more than " + std::to_string(most_files) + " files"}};
  }
  const auto root = base::open_path(root_, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!root) return {{".", {}, wording::one_line(root.error())}};
  std::vector<Reading> readings;
  for (const std::string& path : paths) {
    const auto text = wanted_text(root->get(), path);
    if (!text) {
      readings.push_back({path, {}, wording::one_line(text.error())});
    } else if (*text) {
      readings.push_back(read_file(path, **text));
    }
  }
  return readings;
}

base::Result<std::string> ProvenRepository::file_at(const std::string& revision,
                                                    const std::string& path,
                                                    std::uint64_t limit) const {
  return ask(root_, {"cat-file", "blob", revision + ":" + path}, limit);
}

BaselineList ProvenRepository::baseline(const declare::Baseline& declared) const {
  BaselineList list = baseline_list(project_.declaration, declared);
  list.from = declared.from.text;
  if (list.from.empty()) return list;
  const auto from = parse_from(list.from);
  if (!from) {
    list.unavailable = wording::one_line(from.error());
    return list;
  }
  if (root_.empty()) {
    list.unavailable = unavailable_;
    return list;
  }
  const auto text = file_at(from->revision, from->path, largest_file);
  if (!text) {
    list.unavailable = wording::one_line(text.error());
    return list;
  }
  if (format_of(from->path, *text).empty()) {
    list.unavailable = list.from + ": no reader knows such a file";
    return list;
  }
  const Reading reading = read_file(from->path, *text);
  list.unavailable = reading.unavailable;
  for (const Mention& mention : tools_in(reading)) list.tools.push_back(mention.name);
  if (list.tools.empty() && list.unavailable.empty()) {
    list.unavailable = list.from + ": no list of tools stands in it";
  }
  return list;
}

std::vector<BaselineList> ProvenRepository::baselines() const {
  std::vector<BaselineList> lists;
  for (const auto& [name, declared] : project_.declaration.baselines) {
    lists.push_back(baseline(declared));
  }
  return lists;
}

Earlier ProvenRepository::earlier(const store::Store& store, const std::string& revision) const {
  Earlier earlier{revision, false, {}, {}};
  if (root_.empty()) {
    earlier.unavailable = unavailable_;
    return earlier;
  }
  std::error_code error;
  const fs::path directory =
      fs::relative(fs::canonical(project_.directory(), error), root_, error).lexically_normal();
  const auto read = [&](const std::string& path, std::uint64_t limit) {
    return file_at(revision, (directory / path).lexically_normal().native(), limit);
  };
  if (const auto known = ask(
          root_, {"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"},
          1U << 16U);
      !known) {
    // A repository without a commit has no earlier lock. A revision that the user named must exist.
    earlier.none = revision == "HEAD";
    if (!earlier.none) earlier.unavailable = "'" + revision + "' is no commit of this repository";
    return earlier;
  }
  const auto lock_text = read(project_.lock_file.filename(), lock::largest_lock);
  const auto declared = read(project_.file.filename(), declare::largest_declaration);
  if (!lock_text || !declared) {
    earlier.none = true;
    return earlier;
  }
  const auto lock = lock::read(*lock_text, project_.lock_file.native());
  auto declaration = declare::parse(*declared, project_.file.native());
  if (!lock || !declaration) {
    earlier.unavailable =
        "at " + revision + ": " + wording::one_line(lock ? declaration.error() : lock.error());
    return earlier;
  }
  if (const auto files = project::read_declared_texts(*declaration, read); !files) {
    earlier.unavailable = "at " + revision + ": " + wording::one_line(files.error());
    return earlier;
  }
  const auto environment = project::environment_of(store, *declaration, *lock, "shared");
  if (!environment) {
    earlier.unavailable = wording::one_line(environment.error());
  } else if (!*environment) {
    earlier.unavailable = "the environment of " + revision +
                          " is not in the store; cc-ci build makes it in a checkout of that commit";
  } else {
    earlier.exposed = (*environment)->exposed;
  }
  return earlier;
}

}  // namespace ccci::prove
