// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/volumes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "engine/footprint.hpp"

namespace ccci::run {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_witness = 4096;

base::Result<base::Fd> open_volume(const fs::path& directory) {
  return base::open_path(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace

std::uint64_t Volumes::bytes_in_use() const {
  std::uint64_t bytes = 0;
  for (const char* part : {"volumes", "containers", "overlay2"})
    bytes += engine::bytes_below(data_ / part);
  return bytes;
}

fs::path Volumes::directory(const std::string& volume) const {
  return data_ / "volumes" / volume / "_data";
}

bool Volumes::exists(const std::string& volume) const {
  std::error_code error;
  return fs::is_directory(directory(volume), error);
}

base::Result<void> Volumes::put_witness(const std::string& volume, const std::string& text) const {
  CCCI_TRY(const base::Fd opened, open_volume(directory(volume)));
  return base::replace_file(opened.get(), witness, text);
}

std::string Volumes::witness_of(const std::string& volume) const {
  const auto opened = open_volume(directory(volume));
  if (!opened) return {};
  return base::read_within(opened->get(), witness, largest_witness).value_or("");
}

Volumes::Kept Volumes::look(const std::string& volume, const std::string& path) const {
  Kept kept;
  const auto opened = open_volume(directory(volume));
  if (!opened) return kept;
  const auto file = base::open_in_root(opened->get(), path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat found {};
  if (!file || fstat(file->get(), &found) != 0) return kept;
  kept.exists = true;
  kept.directory = S_ISDIR(found.st_mode);
  if (!S_ISREG(found.st_mode)) return kept;
  kept.bytes = static_cast<std::uint64_t>(found.st_size);
  if (const auto digest = base::sha256_of_fd(file->get())) kept.digest = digest->hex();
  return kept;
}

void Volumes::remove(const std::string& volume, const std::string& path) const {
  const auto opened = open_volume(directory(volume));
  if (!opened) return;
  const fs::path inner(path);
  const auto parent =
      inner.has_parent_path()
          ? base::open_in_root(opened->get(), inner.parent_path().native(), O_RDONLY | O_DIRECTORY)
          : open_volume(directory(volume));
  if (parent) static_cast<void>(base::remove_tree(parent->get(), inner.filename().native()));
}

base::Result<void> Volumes::clear(const std::string& volume) const {
  CCCI_TRY(const base::Fd opened, open_volume(directory(volume)));
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory(volume), error))
    names.push_back(entry.path().filename().native());
  for (const std::string& entry : names) CCCI_CHECK(base::remove_tree(opened.get(), entry));
  return {};
}

}  // namespace ccci::run
