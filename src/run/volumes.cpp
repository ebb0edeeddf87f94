// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/volumes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "engine/footprint.hpp"

namespace ccci::run {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_witness = 4096;
constexpr std::size_t most_looked_at = 200'000;

// Without more than a moment's work after a signal.
std::string digest_of(int file, const std::function<bool()>& interrupted) {
  base::Sha256 hasher;
  std::vector<std::byte> buffer(1U << 20U);
  for (;;) {
    if (interrupted && interrupted()) return {};
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {};
    if (count == 0) return hasher.finish().hex();
    hasher.update(std::span(buffer).first(static_cast<std::size_t>(count)));
  }
}

// Small ones are padding.
void take_holes(const struct stat& file, const std::string& name, Volumes::Holes& holes) {
  constexpr std::uint64_t smallest = 1U << 20U;
  const auto announced = static_cast<std::uint64_t>(file.st_size);
  const std::uint64_t there = static_cast<std::uint64_t>(file.st_blocks) * 512;
  if (!S_ISREG(file.st_mode) || announced < there + smallest) return;
  holes.bytes += announced - there;
  if (announced - there <= holes.largest) return;
  holes.largest = announced - there;
  holes.announced = announced;
  holes.file = name;
}

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

Volumes::Holes Volumes::holes(const std::string& volume, const std::string& path) const {
  Holes found;
  const auto opened = open_volume(directory(volume));
  if (!opened) return found;
  const auto top = base::open_in_root(opened->get(), path.empty() ? "." : path,
                                      O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat about {};
  if (!top || fstat(top->get(), &about) != 0) return found;
  if (!S_ISDIR(about.st_mode)) {
    take_holes(about, path, found);
    return found;
  }
  const fs::path begin = "/proc/self/fd/" + std::to_string(top->get());
  std::size_t files = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(begin, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (++files > most_looked_at) break;
    if (lstat(entry->path().c_str(), &about) != 0) continue;
    take_holes(about,
               path.empty() ? entry->path().lexically_relative(begin).native()
                            : path + "/" + entry->path().lexically_relative(begin).native(),
               found);
  }
  return found;
}

Volumes::Kept Volumes::look(const std::string& volume, const std::string& path,
                            const std::function<bool()>& interrupted) const {
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
  kept.digest = digest_of(file->get(), interrupted);
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
  // What stays would count as restored.
  CCCI_TRY(const std::vector<std::string> names, base::names_in(opened.get()));
  for (const std::string& entry : names) CCCI_CHECK(base::remove_tree(opened.get(), entry));
  return {};
}

}  // namespace ccci::run
