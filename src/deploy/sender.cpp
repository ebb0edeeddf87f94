// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/sender.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "source/kept.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

namespace {

base::Error read_failed(const fs::path& path, int number) {
  return base::fail("base.read").with("path", path.native()).with_errno(number);
}

// Opens a regular file. Returns nothing if there is none.
std::optional<base::Fd> open_file(const fs::path& path, std::uint64_t& size) {
  auto file = base::open_path(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  size = static_cast<std::uint64_t>(status.st_size);
  return *std::move(file);
}

// The conversation of one delivery.
class Delivery {
 public:
  Delivery(Stream& stream, const Parcel& parcel, const Wanted& wanted, const Watch& watch, bool dry)
      : frames_(stream), parcel_(parcel), wanted_(wanted), watch_(watch), dry_(dry) {
    for (const source::Package& package : parcel.lock.packages) {
      packages_.emplace(package.sha256, &package);
    }
  }

  base::Result<Delivered> run() {
    auto done = converse();
    delivered_.bytes = frames_.sent();
    if (done) return delivered_;
    base::Error error = std::move(done).error();
    // The other side may have sent the reason before it disconnected.
    if (error.is(base::Condition::disconnected)) error = last_words(std::move(error));
    if (error.is(base::Condition::silent) && error.field("waiting").empty()) {
      error = std::move(error).with("waiting", waiting_);
    }
    return base::unexpected(std::move(error));
  }

 private:
  base::Result<void> converse() {
    CCCI_CHECK(meet());
    const Hello hello{parcel_.version,         wanted_.host,   parcel_.state,  parcel_.file,
                      parcel_.manifest.hash(), wanted_.system, wanted_.digest, dry_};
    CCCI_CHECK(frames_.send(FrameKind::hello, write(hello)));
    CCCI_TRY(const std::string text, expect(FrameKind::ready, "what is there"));
    CCCI_TRY(delivered_.ready, read_ready(text));
    if (!delivered_.ready.project) CCCI_CHECK(send_project());
    CCCI_CHECK(send_archives());
    if (dry_) return {};
    CCCI_TRY(const std::string done, expect(FrameKind::done, "the system that it builds"));
    CCCI_TRY(delivered_.done, read_done(done));
    return check_done();
  }

  base::Result<void> meet() {
    const auto lost = [](const base::Result<void>& done) {
      return !done && (done.error().is(base::Condition::disconnected) ||
                       done.error().is(base::Condition::ended));
    };
    // A program that has already ended may have sent an answer before.
    auto met = frames_.greet();
    if (met || lost(met)) met = frames_.meet();
    if (lost(met)) return base::unexpected(base::fail("deploy.mute", base::Condition::mute));
    return met;
  }

  base::Result<std::string> expect(FrameKind kind, std::string_view what) {
    waiting_ = what;
    for (;;) {
      CCCI_TRY(Frame frame, frames_.receive());
      if (frame.kind == kind) return std::move(frame.content);
      if (frame.kind == FrameKind::failed) return base::unexpected(told(frame));
      if (frame.kind != FrameKind::working) {
        return base::unexpected(
            base::fail("deploy.frame")
                .with("found", "kind " + std::string(1, static_cast<char>(frame.kind)) + " where " +
                                   std::string(1, static_cast<char>(kind)) + " was due"));
      }
      if (!frame.content.empty()) watch_.step(base::printable(frame.content));
    }
  }

  base::Error told(const Frame& frame) const {
    base::Error there = read_error(frame.content);
    // The connection was cut in one direction only.
    if (there.is(base::Condition::ended)) return there;
    if (there.is(base::Condition::silent)) return std::move(there).with("waiting", "what is sent");
    base::Error error = base::fail("deploy.remote").with("host", wanted_.host);
    error.also = {std::move(there)};
    return error;
  }

  base::Error last_words(base::Error error) {
    constexpr int most = 1000;
    for (int i = 0; i < most; ++i) {
      const auto frame = frames_.receive();
      if (!frame) break;
      if (frame->kind == FrameKind::failed) return told(*frame);
    }
    return error;
  }

  base::Result<void> send_project() {
    CCCI_CHECK(frames_.send(FrameKind::manifest, parcel_.manifest.text()));
    CCCI_TRY(const std::string text, expect(FrameKind::want, "which files it lacks"));
    CCCI_TRY(const std::vector<std::string> digests,
             read_wanted(text, parcel_.manifest.entries().size()));
    for (const std::string& digest : digests) {
      const auto found = parcel_.files.find(digest);
      if (found == parcel_.files.end()) return base::unexpected(not_ours(digest));
      const ProjectEntry& entry = parcel_.manifest.entries().at(found->second);
      delivered_.content += entry.size;
      ++delivered_.files;
      // A dry run sends only these files: from them the host finds what else it lacks.
      const bool needed = std::any_of(
          parcel_.planned_from.begin(), parcel_.planned_from.end(), [&](const std::string& path) {
            const auto one = parcel_.manifest.entries().find(path);
            return one != parcel_.manifest.entries().end() && one->second.sha256 == digest;
          });
      if (dry_ && !needed) {
        CCCI_CHECK(frames_.send(FrameKind::absent, digest + "\n"));
        continue;
      }
      const fs::path path = parcel_.directory / found->second;
      CCCI_TRY(const bool sent, send_blob(path, digest, entry.size, found->second));
      if (!sent) {
        return base::unexpected(base::fail("deploy.changed").with("path", found->second));
      }
    }
    return {};
  }

  base::Result<void> send_archives() {
    CCCI_TRY(const std::string text, expect(FrameKind::want, "which archives it lacks"));
    CCCI_TRY(const std::vector<std::string> digests, read_wanted(text, packages_.size()));
    std::vector<std::pair<fs::path, std::uint64_t>> found;
    total_ = 0;
    for (const std::string& digest : digests) {
      const auto package = packages_.find(digest);
      if (package == packages_.end()) return base::unexpected(not_ours(digest));
      const fs::path path = source::kept_path(parcel_.archives, *package->second);
      std::uint64_t size = 0;
      const bool there = open_file(path, size).has_value() &&
                         (package->second->size == 0 || package->second->size == size);
      found.emplace_back(there ? path : fs::path(), size);
      if (there) total_ += size;
      delivered_.archives += there ? 1 : 0;
      delivered_.absent += there ? 0 : 1;
    }
    delivered_.content += total_;
    if (dry_) return {};
    sent_ = 0;
    watch_.sent(0, total_);
    for (std::size_t i = 0; i < digests.size(); ++i) {
      const auto& [path, size] = found[i];
      if (!path.empty()) {
        CCCI_TRY(const bool sent,
                 send_blob(path, digests[i], size, packages_.at(digests[i])->name));
        if (sent) continue;
      }
      CCCI_CHECK(frames_.send(FrameKind::absent, digests[i] + "\n"));
    }
    return {};
  }

  // Returns false, without having sent anything, if the file is missing or has another size.
  base::Result<bool> send_blob(const fs::path& path, const std::string& digest, std::uint64_t size,
                               const std::string& name) {
    std::uint64_t there = 0;
    const auto file = open_file(path, there);
    if (!file || there != size) return false;
    waiting_ = "it to take the rest of " + name;
    CCCI_CHECK(frames_.send(FrameKind::blob, write(BlobHead{digest, size})));
    std::string block(largest_data, '\0');
    for (std::uint64_t left = size; left > 0;) {
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
      const ssize_t count = read(file->get(), block.data(), most);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return base::unexpected(read_failed(path, errno));
      // The other side detects changed bytes itself, but would wait for missing ones.
      if (count == 0) return base::unexpected(base::fail("deploy.changed").with("path", name));
      CCCI_CHECK(frames_.send(FrameKind::data, {block.data(), static_cast<std::size_t>(count)}));
      left -= static_cast<std::uint64_t>(count);
      sent_ += static_cast<std::uint64_t>(count);
      if (total_ > 0) watch_.sent(sent_, total_);
    }
    return true;
  }

  base::Error not_ours(const std::string& digest) const {
    return base::fail("deploy.message")
        .with("message", "want")
        .with("cause", digest + " was not offered");
  }

  base::Result<void> check_done() const {
    const Done& done = delivered_.done;
    if (done.system == wanted_.system && done.digest == wanted_.digest) return {};
    return base::unexpected(base::fail("deploy.differs")
                                .with("host", wanted_.host)
                                .with("expected", wanted_.system)
                                .with("expected-digest", wanted_.digest)
                                .with("found", done.system)
                                .with("found-digest", done.digest)
                                .with("version", parcel_.version)
                                .with("version-there", delivered_.ready.version));
  }

  Frames frames_;
  const Parcel& parcel_;
  const Wanted& wanted_;
  const Watch& watch_;
  bool dry_;
  std::map<std::string, const source::Package*> packages_;
  Delivered delivered_;
  std::string waiting_ = "an answer";  // what is awaited from the other side
  std::uint64_t total_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace

base::Result<ProjectManifest> gather(const fs::path& directory,
                                     const std::vector<std::string>& paths) {
  ProjectEntries entries;
  for (const std::string& path : paths) {
    const fs::path full = directory / path;
    struct stat status {};
    if (lstat(full.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) continue;
      return base::unexpected(read_failed(full, errno));
    }
    ProjectEntry entry;
    if (S_ISLNK(status.st_mode)) {
      std::error_code error;
      entry.target = fs::read_symlink(full, error);
      if (error) return base::unexpected(read_failed(full, error.value()));
    } else if (S_ISREG(status.st_mode)) {
      CCCI_TRY(const base::Fd file, base::open_path(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
      CCCI_TRY(const base::Digest digest, base::sha256_of_fd(file.get()));
      entry.executable = (status.st_mode & S_IXUSR) != 0;
      entry.size = static_cast<std::uint64_t>(status.st_size);
      entry.sha256 = digest.hex();
    } else {
      continue;
    }
    entries.emplace(path, std::move(entry));
  }
  CCCI_TRY(ProjectManifest manifest, ProjectManifest::of(std::move(entries)));
  if (manifest.text().size() > largest(FrameKind::manifest).value()) {
    return base::unexpected(base::fail("deploy.project-large").with("limit", "16 MB of names"));
  }
  return manifest;
}

Delivered everything(const Parcel& parcel) {
  Delivered all;
  for (const auto& [digest, path] : parcel.files) {
    all.content += parcel.manifest.entries().at(path).size;
    ++all.files;
  }
  std::set<std::string> counted;
  for (const source::Package& package : parcel.lock.packages) {
    if (!counted.insert(package.sha256).second) continue;
    std::uint64_t size = 0;
    const bool there = open_file(source::kept_path(parcel.archives, package), size).has_value();
    all.content += there ? size : 0;
    ++(there ? all.archives : all.absent);
  }
  return all;
}

base::Result<Delivered> deliver(Stream& stream, const Parcel& parcel, const Wanted& wanted,
                                const Watch& watch, bool dry) {
  return Delivery(stream, parcel, wanted, watch, dry).run();
}

}  // namespace ccci::deploy
