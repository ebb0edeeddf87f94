// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/seed.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/json.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr const char* layers = "overlay2";
constexpr const char* links = "overlay2/l";
constexpr const char* records = "image";
constexpr const char* names_file = "overlay2/repositories.json";
constexpr std::uint64_t largest_names = 16U << 20U;

base::Error unusable(const fs::path& seed, std::string_view problem) {
  return base::fail("engine.seed").with("path", seed.native()).with("problem", problem);
}

base::Error copy_error(const fs::path& path, const std::error_code& error) {
  return unusable(path, base::describe_errno(error.value()));
}

// The ids of the layers of a seed.
base::Result<std::vector<std::string>> layers_of(const fs::path& seed) {
  std::vector<std::string> ids;
  std::error_code error;
  const auto entries = base::entries_of(seed / layers);
  if (!entries)
    return base::unexpected(unusable(seed, base::describe_errno(entries.error().number)));
  for (const fs::directory_entry& entry : *entries) {
    const std::string id = entry.path().filename().native();
    if (id != "l" && fs::is_directory(entry.path() / "diff", error)) ids.push_back(id);
  }
  if (!fs::is_directory(seed / records, error))
    return base::unexpected(unusable(seed, "it has no images"));
  return ids;
}

base::Result<void> copy_record(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::skip_existing, error);
  if (error && error != std::errc::no_such_file_or_directory)
    return base::unexpected(copy_error(from, error));
  return {};
}

base::Result<void> plant_layer(const fs::path& from, const fs::path& data, const std::string& id) {
  const fs::path to = data / layers / id;
  for (const fs::path& directory : {to, to / "diff", to / "work"}) {
    CCCI_CHECK(base::make_directories(directory));
  }
  for (const char* file : {"link", "lower", "committed"}) {
    CCCI_CHECK(copy_record(from / file, to / file));
  }
  // The driver names lower layers by short links, because mount options have a limited length.
  CCCI_TRY(const std::string link, base::read_file(to / "link", 256));
  std::error_code error;
  fs::create_symlink("../" + id + "/diff", data / links / link, error);
  if (error && error != std::errc::file_exists) return base::unexpected(copy_error(to, error));
  return {};
}

// Adds the names of `from` to those of `to`.
base::Result<void> merge_names(const fs::path& from, const fs::path& to) {
  Json all = Json::object();
  for (const fs::path& file : {to, from}) {
    const auto text = base::read_file(file, largest_names);
    if (!text && text.error().is(std::errc::no_such_file_or_directory)) continue;
    if (!text) return base::unexpected(text.error());
    const auto json = Json::parse(*text);
    if (!json) return base::unexpected(unusable(file, "it is not JSON"));
    for (const Json::Member& repository : (*json)["Repositories"].items()) {
      all[repository.name].update(repository.value);
    }
  }
  Json document = Json::object();
  document["Repositories"] = std::move(all);
  return base::replace_file(to, document.dump(), 0600);
}

}  // namespace

base::Result<std::vector<SeedMount>> seed_mounts(std::span<const fs::path> seeds) {
  std::vector<SeedMount> mounts;
  std::set<std::string> seen;
  for (const fs::path& seed : seeds) {
    CCCI_TRY(const std::vector<std::string> ids, layers_of(seed));
    for (const std::string& id : ids) {
      if (!seen.insert(id).second) continue;
      const std::string path = std::string(layers) + "/" + id + "/diff";
      mounts.push_back({(seed / path).native(), path});
    }
  }
  return mounts;
}

base::Result<std::map<std::string, std::string>> seed_ids(const fs::path& seed) {
  const fs::path file = seed / records / names_file;
  CCCI_TRY(const std::string text, base::read_file(file, largest_names));
  const auto json = Json::parse(text);
  if (!json) return base::unexpected(unusable(file, "it is not JSON"));
  std::map<std::string, std::string> ids;
  for (const Json::Member& repository : (*json)["Repositories"].items())
    for (const Json::Member& name : repository.value.items())
      ids[name.name] = name.value.text_or_empty();
  return ids;
}

base::Result<void> plant(std::span<const fs::path> seeds, const fs::path& data) {
  std::error_code error;
  for (const fs::path& seed : seeds) {
    CCCI_CHECK(base::make_directories(data / links));
    CCCI_TRY(const std::vector<std::string> ids, layers_of(seed));
    for (const std::string& id : ids) CCCI_CHECK(plant_layer(seed / layers / id, data, id));
    CCCI_CHECK(base::make_directories(data / records / "overlay2"));
    CCCI_CHECK(merge_names(seed / records / names_file, data / records / names_file));
    fs::copy(seed / records, data / records,
             fs::copy_options::recursive | fs::copy_options::skip_existing, error);
    if (error) return base::unexpected(copy_error(seed, error));
  }
  return {};
}

base::Result<void> harvest(const fs::path& data, const fs::path& seed) {
  fs::path staged = seed;
  staged += ".new";
  CCCI_CHECK(base::remove_tree(staged));
  CCCI_CHECK(base::make_directories(staged));
  std::error_code error;
  fs::permissions(staged, fs::perms::owner_all, error);
  for (const char* part : {layers, records}) {
    fs::rename(data / part, staged / part, error);
    if (error) return base::unexpected(copy_error(data / part, error));
  }
  CCCI_TRY(const base::Fd directory, base::open_path(staged, O_RDONLY | O_DIRECTORY));
  CCCI_CHECK(base::real_disk().sync_filesystem(directory.get()));
  CCCI_TRY(const base::Fd parent, base::open_path(seed.parent_path(), O_RDONLY | O_DIRECTORY));
  CCCI_CHECK(
      base::real_disk().rename_new(parent.get(), staged.filename(), parent.get(), seed.filename()));
  return base::real_disk().sync(parent.get());
}

}  // namespace ccci::engine
