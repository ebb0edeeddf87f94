// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/kept.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/checkout.hpp"
#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/lock_file.hpp"
#include "image/image.hpp"

namespace ccci::image {

namespace {

namespace fs = std::filesystem;

// Increase it whenever another archive is made of the same things.
constexpr int archive_version = 3;
constexpr std::size_t key_size = 32;
constexpr auto longest_rest = std::chrono::hours(24);

void ask(std::string& text, std::string_view key, std::string_view value) {
  text.append(key).append(" ").append(std::to_string(value.size())).append(" ");
  text.append(value).append("\n");
}

void ask_paths(std::string& text, std::string_view key,
               const std::map<std::string, declare::ImagePath>& paths) {
  for (const auto& [path, wanted] : paths) {
    ask(text, key, path);
    ask(text, "owner", wanted.owner);
    ask(text, "mode", std::to_string(wanted.mode));
    ask(text, "source", wanted.source.text);
  }
}

base::Result<std::map<std::string, std::string>> digests_of(const project::Project& project,
                                                            const declare::Image& image) {
  std::map<std::string, std::string> digests;
  for (const auto& [path, wanted] : image.files) {
    CCCI_TRY(const base::Fd file, base::open_of_project(project.directory(), wanted.source.text));
    CCCI_TRY(const base::Digest digest, base::sha256_of_fd(file.get()));
    digests[wanted.source.text] = digest.hex();
  }
  return digests;
}

// A run that uses an archive has it open, so its space is only free when the run ends.
void remove_old(const fs::path& directory, const std::string& prefix, const fs::path& kept) {
  std::error_code error;
  const auto now = fs::file_time_type::clock::now();
  const auto entries = base::entries_of(directory);
  if (!entries) return;  // the next one tries again
  for (const fs::directory_entry& entry : *entries) {
    const std::string name = entry.path().filename().native();
    const bool same = name.starts_with(prefix) && name.ends_with(".tar") &&
                      name.size() == prefix.size() + key_size + 4;
    if (!same || entry.path() == kept) continue;
    const auto time = fs::last_write_time(entry.path(), error);
    if (!error && now - time > longest_rest) fs::remove(entry.path(), error);
  }
}

}  // namespace

std::string key_of(const declare::Image& image, const lock::Lock& lock,
                   const std::map<std::string, std::string>& files) {
  std::string text = "image " + std::to_string(archive_version) + "\n";
  for (const source::Package& package : lock.image_closure(image.name.text))
    ask(text, package.name, package.sha256);
  ask(text, "essential", image.essential ? "true" : "false");
  ask(text, "configuration", config_document(image, lock.architecture, {}, 0).dump());
  for (const std::string& tag : image.tags) ask(text, "tag", tag);
  for (const auto& [name, user] : image.users) {
    ask(text, "user", name);
    ask(text, "id", std::to_string(user.id));
    ask(text, "home", user.home);
    ask(text, "shell", user.shell);
  }
  ask_paths(text, "directory", image.directories);
  ask_paths(text, "file", image.files);
  for (const auto& [path, target] : image.links) {
    ask(text, "link", path);
    ask(text, "target", target);
  }
  for (const auto& [source, digest] : files) ask(text, source, digest);
  return base::sha256(text).hex().substr(0, key_size);
}

namespace {

std::string archive_of(const declare::Image& image, const lock::Lock& lock,
                       const std::map<std::string, std::string>& files) {
  return image.name.text + "-" + key_of(image, lock, files) + ".tar";
}

}  // namespace

base::Result<fs::path> kept_place(const project::Project& project, const fs::path& state,
                                  const lock::Lock& lock, const std::string& name) {
  const declare::Image& image = project.declaration.images.at(name);
  CCCI_TRY(const auto digests, digests_of(project, image));
  return state / "image-archives" / archive_of(image, lock, digests);
}

base::Result<fs::path> keep(const project::Project& project, const project::Context& context,
                            store::Store& store, const lock::Lock& lock, const std::string& name) {
  CCCI_TRY(const fs::path file, kept_place(project, context.state, lock, name));
  const fs::path place = file.parent_path();
  CCCI_CHECK(base::make_directories(place));
  CCCI_TRY(const base::Fd directory, base::open_path(place, O_RDONLY | O_DIRECTORY));
  CCCI_TRY(const base::Fd guard, base::open_lock_file(directory.get(), name + ".lock"));
  const base::LockWait wait{"image " + name, context.progress, std::chrono::minutes(30)};
  CCCI_CHECK(base::take_lock(guard.get(), base::LockMode::exclusive, wait));
  std::error_code error;
  if (fs::exists(file, error)) return file;
  CCCI_TRY(const Made made, make(project, context, store, lock, name, file));
  // Somebody who changes a file of the project meanwhile must not give its content to all who have
  // an image with this key.
  const declare::Image& image = project.declaration.images.at(name);
  if (file.filename() != archive_of(image, lock, made.files)) {
    CCCI_CHECK(base::remove_tree(directory.get(), file.filename().native()));
    return base::unexpected(base::fail("image.changed").with("path", project.directory().native()));
  }
  remove_old(place, name + "-", file);
  return file;
}

}  // namespace ccci::image
