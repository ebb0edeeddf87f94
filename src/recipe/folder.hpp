// SPDX-License-Identifier: GPL-3.0-or-later
// The directory of a recipe. Its author is not trusted: only regular files inside it are read, a
// link may not lead out of it, and reading never waits for a FIFO.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::recipe {

inline constexpr std::uint64_t largest_recipe_file = 1U << 20U;

class Folder {
 public:
  static base::Result<Folder> open(const std::filesystem::path& path);  // [recipe.no-directory]

  const std::filesystem::path& path() const { return path_; }
  // The name of the directory, which is the name of the recipe.
  std::string name() const;

  // [recipe.outside] for an absolute path, one that begins with `..`, and a link that leads out;
  // [recipe.not-a-file], [recipe.large-file], [recipe.no-file] (not_found), [base.open],
  // [base.read]
  base::Result<std::string> read(const std::string& file,
                                 std::uint64_t limit = largest_recipe_file) const;
  // Nothing if there is no such file.
  base::Result<std::optional<std::string>> read_if_there(const std::string& file) const;

  // Names of the entries of a directory in it, sorted; none if there is no such directory.
  std::vector<std::string> entries(const std::string& directory = ".") const;

 private:
  Folder(std::filesystem::path path, base::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::filesystem::path path_;
  base::Fd fd_;
};

}  // namespace ccci::recipe
