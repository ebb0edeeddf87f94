// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/project_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "deploy/frame.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

namespace {

constexpr const char* place = "projects";
constexpr const char* made = "project";  // below the staging directory

base::Error failed(std::string_view code, const std::string& path, int number) {
  return base::fail(code).with("path", path).with_errno(number);
}

base::Result<base::Fd> open_projects(const store::Store& store) {
  if (mkdirat(store.directory(), place, 0755) != 0 && errno != EEXIST) {
    return base::unexpected(failed("base.mkdir", place, errno));
  }
  return base::open_in_root(store.directory(), place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

base::Result<void> copy(const fs::path& from, const std::string& sha256, int to,
                        const std::string& name) {
  CCCI_TRY(const base::Fd file, base::open_path(from, O_RDONLY | O_NOFOLLOW));
  base::Sha256 hasher;
  std::array<char, 1U << 16U> buffer;
  for (;;) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::unexpected(failed("base.read", from.native(), errno));
    if (count == 0) break;
    const std::string_view block(buffer.data(), static_cast<std::size_t>(count));
    hasher.update(block);
    CCCI_CHECK(base::write_all(to, block));
  }
  if (hasher.finish().hex() == sha256) return {};
  return base::unexpected(base::fail("deploy.changed").with("path", name));
}

// Writes a tree below an open directory. No other process uses this directory yet. Links are made
// last, so no path below it can go through a link.
class Tree {
 public:
  explicit Tree(int directory) : directory_(directory) {}

  base::Result<void> add_file(const std::string& path, const ProjectEntry& entry,
                              const fs::path& from) {
    CCCI_CHECK(parents(path));
    const base::Fd file(openat(directory_, path.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return base::unexpected(failed("base.open", path, errno));
    CCCI_CHECK(copy(from, entry.sha256, file.get(), path));
    if (fchmod(file.get(), entry.executable ? 0755 : 0644) != 0) {
      return base::unexpected(failed("base.write", path, errno));
    }
    return {};
  }

  base::Result<void> add_link(const std::string& path, const ProjectEntry& entry) {
    CCCI_CHECK(parents(path));
    if (symlinkat(entry.target.c_str(), directory_, path.c_str()) != 0) {
      return base::unexpected(failed("base.write", path, errno));
    }
    return {};
  }

 private:
  base::Result<void> parents(const std::string& path) {
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string name = path.substr(0, at);
      if (!made_.insert(name).second) continue;
      if (mkdirat(directory_, name.c_str(), 0755) != 0 ||
          fchmodat(directory_, name.c_str(), 0755, 0) != 0) {
        return base::unexpected(failed("base.mkdir", name, errno));
      }
    }
    return {};
  }

  int directory_;
  std::set<std::string> made_;
};

std::set<std::string> digests(const ProjectManifest& manifest) {
  std::set<std::string> all;
  for (const auto& [path, entry] : manifest.entries()) {
    if (!entry.is_link()) all.insert(entry.sha256);
  }
  return all;
}

base::Result<base::Fd> make_directory(int parent, const char* name) {
  if (mkdirat(parent, name, 0755) != 0 || fchmodat(parent, name, 0755, 0) != 0) {
    return base::unexpected(failed("base.mkdir", name, errno));
  }
  return base::open_in_root(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

}  // namespace

bool holds(const fs::path& path, const std::string& sha256, std::uint64_t size) {
  const auto file = base::open_path(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (static_cast<std::uint64_t>(status.st_size) != size) return false;
  const auto digest = base::sha256_of_fd(file->get());
  return digest && digest->hex() == sha256;
}

base::Result<base::Fd> Arrived::create(const std::string& sha256) const {
  base::Fd file(openat(staging_.directory(), sha256.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return base::unexpected(failed("base.open", sha256, errno));
  return file;
}

fs::path ProjectCache::tree(const std::string& hash) const {
  return store_.state() / place / hash / "tree";
}

std::vector<std::string> ProjectCache::hashes() const {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(store_.state() / place, error), end; at != end;
       at.increment(error)) {
    if (error) break;
    if (is_project_hash(at->path().filename().native())) found.push_back(at->path().filename());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<ProjectManifest> ProjectCache::manifest(const std::string& hash) const {
  const auto text = base::read_file(store_.state() / place / hash / "manifest",
                                    largest(FrameKind::manifest).value());
  if (!text) return std::nullopt;
  auto read = ProjectManifest::read(*text);
  if (!read || read->hash() != hash) return std::nullopt;
  return *std::move(read);
}

std::optional<ProjectManifest> ProjectCache::intact(const std::string& hash) const {
  auto read = manifest(hash);
  if (!read) return std::nullopt;
  for (const auto& [path, entry] : read->entries()) {
    const fs::path file = tree(hash) / path;
    std::error_code error;
    const bool good = entry.is_link() ? fs::read_symlink(file, error) == entry.target
                                      : holds(file, entry.sha256, entry.size);
    if (!good) return std::nullopt;
  }
  return read;
}

std::map<std::string, fs::path> ProjectCache::places(std::set<std::string> wanted) const {
  std::map<std::string, fs::path> found;
  for (const std::string& hash : hashes()) {
    const auto kept = wanted.empty() ? std::nullopt : manifest(hash);
    if (!kept) continue;
    for (const auto& [path, entry] : kept->entries()) {
      if (entry.is_link() || !wanted.contains(entry.sha256)) continue;
      const fs::path file = tree(hash) / path;
      if (!holds(file, entry.sha256, entry.size)) continue;
      found.emplace(entry.sha256, file);
      wanted.erase(entry.sha256);
    }
  }
  return found;
}

std::optional<fs::path> ProjectCache::find(const ProjectEntry& entry,
                                           const Arrived& arrived) const {
  fs::path come = arrived.staging().path() / entry.sha256;
  if (holds(come, entry.sha256, entry.size)) return come;
  const auto kept = places({entry.sha256});
  if (kept.empty()) return std::nullopt;
  return kept.begin()->second;
}

std::vector<std::string> ProjectCache::lacking(const ProjectManifest& manifest) const {
  const std::set<std::string> wanted = digests(manifest);
  const std::map<std::string, fs::path> there = places(wanted);
  std::vector<std::string> lacking;
  for (const std::string& digest : wanted) {
    if (!there.contains(digest)) lacking.push_back(digest);
  }
  return lacking;
}

base::Result<Arrived> ProjectCache::arrivals() const {
  CCCI_TRY(store::Staging staging, store_.scratch("project"));
  return Arrived(std::move(staging));
}

base::Result<void> ProjectCache::publish(const ProjectManifest& manifest,
                                         const Arrived& arrived) const {
  const int staging = arrived.staging().directory();
  const std::map<std::string, fs::path> kept = places(digests(manifest));
  CCCI_TRY(const base::Fd project, make_directory(staging, made));
  CCCI_TRY(const base::Fd root, make_directory(project.get(), "tree"));
  Tree tree(root.get());
  for (const auto& [path, entry] : manifest.entries()) {
    if (entry.is_link()) continue;
    const auto there = kept.find(entry.sha256);
    const fs::path from =
        there == kept.end() ? arrived.staging().path() / entry.sha256 : there->second;
    CCCI_CHECK(tree.add_file(path, entry, from));
  }
  for (const auto& [path, entry] : manifest.entries()) {
    if (entry.is_link()) CCCI_CHECK(tree.add_link(path, entry));
  }
  CCCI_TRY(const base::Fd text, base::open_in_root(project.get(), "manifest",
                                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  CCCI_CHECK(base::write_all(text.get(), manifest.text()));
  base::Disk& disk = store_.disk();
  CCCI_CHECK(disk.sync_filesystem(project.get()));
  CCCI_TRY(const base::Fd projects, open_projects(store_));
  const std::string hash = manifest.hash();
  // The project was missing or damaged when its files were requested. Another deployment may have
  // published it in the meantime.
  if (faccessat(projects.get(), hash.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    if (intact(hash)) return {};
    CCCI_CHECK(disk.rename_over(projects.get(), hash, staging, "damaged"));
  }
  if (auto renamed = disk.rename_new(staging, made, projects.get(), hash); !renamed) {
    if (intact(hash)) return {};
    return renamed;
  }
  CCCI_CHECK(disk.sync(projects.get()));
  return disk.sync(store_.directory());
}

base::Result<void> ProjectCache::prune(const std::set<std::string>& keep,
                                       std::chrono::seconds age) const {
  const auto latest = fs::file_time_type::clock::now() - age;
  for (const std::string& hash : hashes()) {
    std::error_code error;
    const auto made_at = fs::last_write_time(store_.state() / place / hash, error);
    if (error || keep.contains(hash) || made_at > latest) continue;
    CCCI_TRY(const store::Staging aside, store_.scratch("project"));
    CCCI_TRY(const base::Fd projects, open_projects(store_));
    CCCI_CHECK(store_.disk().rename_new(projects.get(), hash, aside.directory(), "project"));
  }
  return {};
}

}  // namespace ccci::deploy
