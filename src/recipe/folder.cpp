// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/folder.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>

#include "base/files.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t most_entries = 10'000;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// The path without `.` and inner `..`; nothing if it leads out by its words alone.
std::optional<std::string> inner_path(const std::string& file) {
  if (file.find('\0') != std::string::npos) return std::nullopt;
  const std::filesystem::path normal = std::filesystem::path(file).lexically_normal();
  if (file.empty() || normal.is_absolute() || *normal.begin() == "..") return std::nullopt;
  return normal.native();
}

// What the author can mend is a mistake in the recipe; the rest is the machine's.
base::Error of_recipe(base::Error error, const std::string& file, std::uint64_t limit) {
  if (error.is(std::errc::cross_device_link))
    return base::fail("recipe.outside").with("path", file);
  if (error.is(base::Condition::not_a_file) || error.is(std::errc::too_many_symbolic_link_levels))
    return base::fail("recipe.not-a-file").with("path", file);
  if (error.is(base::Condition::too_large))
    return base::fail("recipe.large-file")
        .with("path", file)
        .with("limit", static_cast<long long>(limit));
  if (error.is(std::errc::no_such_file_or_directory) || error.is(std::errc::not_a_directory) ||
      error.is(std::errc::filename_too_long))
    return base::fail("recipe.no-file", base::Condition::not_found).with("path", file);
  return error;
}

}  // namespace

base::Result<Folder> Folder::open(const std::filesystem::path& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0)
    return base::unexpected(base::fail("recipe.no-directory", base::Condition::not_found)
                                .with("path", path.native())
                                .with_errno(errno));
  base::Fd fd(number);
  std::error_code failed;
  std::filesystem::path absolute = std::filesystem::canonical(path, failed);
  if (failed) absolute = path;
  return Folder(std::move(absolute), std::move(fd));
}

std::string Folder::name() const { return path_.filename().native(); }

base::Result<std::string> Folder::read(const std::string& file, std::uint64_t limit) const {
  const std::optional<std::string> inner = inner_path(file);
  if (!inner) return base::unexpected(base::fail("recipe.outside").with("path", file));
  auto text = base::read_within(fd_.get(), *inner, limit);
  if (text) return text;
  return base::unexpected(of_recipe(std::move(text).error(), file, limit));
}

base::Result<std::optional<std::string>> Folder::read_if_there(const std::string& file) const {
  auto text = read(file);
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().is(base::Condition::not_found)) return std::nullopt;
  return base::unexpected(std::move(text).error());
}

std::vector<std::string> Folder::entries(const std::string& directory) const {
  std::vector<std::string> names;
  const std::optional<std::string> inner = inner_path(directory);
  if (!inner) return names;
  auto opened = base::open_in_root(fd_.get(), *inner, O_RDONLY | O_DIRECTORY);
  if (!opened) return names;
  const std::unique_ptr<DIR, CloseDirectory> list(fdopendir(opened->release()));
  if (list == nullptr) return names;
  while (const dirent* entry = readdir(list.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    if (names.size() > most_entries) break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ccci::recipe
