// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/image_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/lock_file.hpp"
#include "engine/image_archive.hpp"
#include "engine/private_engine.hpp"
#include "engine/seed.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

// Reading 500 MB to name the archive would take longer than everything else. Whoever changes a file
// changes its ctime.
std::string key_of(const struct stat& file) {
  std::string text = "images 1";
  for (const std::int64_t number :
       {static_cast<std::int64_t>(file.st_dev), static_cast<std::int64_t>(file.st_ino),
        static_cast<std::int64_t>(file.st_size), static_cast<std::int64_t>(file.st_mtim.tv_sec),
        static_cast<std::int64_t>(file.st_mtim.tv_nsec),
        static_cast<std::int64_t>(file.st_ctim.tv_sec),
        static_cast<std::int64_t>(file.st_ctim.tv_nsec)}) {
    text += " " + std::to_string(number);
  }
  return base::sha256(text).hex().substr(0, 32);
}

base::Result<void> make(const Setup& setup, const fs::path& archive, int file, const fs::path& seed,
                        const std::string& key, const engine::Guard& guard) {
  engine::EngineSetup wanted;
  wanted.directory = setup.engines();
  wanted.name = "seed-" + key.substr(0, 12) + "-" + std::to_string(getpid());
  wanted.entry = setup.entry;
  const auto made = engine::make_seed(wanted, file, seed, guard);
  if (!made) return base::unexpected(base::Error(made.error()).with("archive", archive.native()));
  return {};
}

}  // namespace

base::Result<base::Fd> open_image_archive(const fs::path& archive) {
  base::Fd file(open(archive.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found {};
  if (file && fstat(file.get(), &found) == 0 && S_ISREG(found.st_mode)) return file;
  return base::unexpected(base::fail("run.no-archive", base::Condition::not_found)
                              .with("path", archive.native())
                              .with_errno(file ? EINVAL : errno));
}

base::Result<std::map<std::string, std::string>> image_ids(const Setup& setup,
                                                           const fs::path& archive) {
  CCCI_TRY(const base::Fd file, open_image_archive(archive));
  struct stat found {};
  fstat(file.get(), &found);
  // A seed appears whole or not at all, and no run removes one.
  auto ids = engine::seed_ids(setup.seeds() / key_of(found));
  if (!ids) ids = engine::image_ids(file.get());
  if (ids) return ids;
  return base::unexpected(base::Error(ids.error()).with("archive", archive.native()));
}

base::Result<ImageSeeds> image_seeds(const Setup& setup, Watcher& watcher,
                                     const engine::Guard& guard) {
  ImageSeeds result;
  if (setup.images.empty()) return result;
  CCCI_CHECK(base::make_directories(setup.seeds()));
  CCCI_TRY(const base::Fd directory, base::open_path(setup.seeds(), O_RDONLY | O_DIRECTORY));
  for (const fs::path& archive : setup.images) {
    CCCI_TRY(const base::Fd file, open_image_archive(archive));
    struct stat found {};
    fstat(file.get(), &found);
    const std::string key = key_of(found);
    const fs::path seed = setup.seeds() / key;
    CCCI_TRY(const base::Fd lock, base::open_lock_file(directory.get(), key + ".lock"));
    const base::LockWait wait{"images of " + archive.filename().native(), base::silent(),
                              std::chrono::minutes(10)};
    CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive, wait));
    std::error_code error;
    if (!fs::exists(seed, error)) {
      watcher.wait("loading " + archive.filename().native());
      if (const auto made = make(setup, archive, file.get(), seed, key, guard); !made) {
        if (!made.error().is(base::Condition::mismatch)) return base::unexpected(made.error());
        result.unseeded.push_back(archive);
        continue;
      }
    }
    if (std::find(result.seeds.begin(), result.seeds.end(), seed) == result.seeds.end())
      result.seeds.push_back(seed);
  }
  return result;
}

}  // namespace ccci::run
