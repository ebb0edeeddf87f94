// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/receiver.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/hash.hpp"
#include "deploy/program_place.hpp"
#include "environment/build.hpp"
#include "project/project.hpp"
#include "source/debian/archive.hpp"
#include "store/upkeep.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_archive = 8ULL << 30U;
constexpr std::chrono::hours project_age{24};

base::Error unexpected_frame(FrameKind found, std::string_view expected) {
  return base::fail("deploy.frame")
      .with("found", "kind " + std::string(1, static_cast<char>(found)) + " where " +
                         std::string(expected) + " was due");
}

base::Result<std::string> expect(Frames& frames, FrameKind kind, std::string_view name) {
  CCCI_TRY(Frame frame, frames.receive());
  if (frame.kind == kind) return std::move(frame.content);
  return base::unexpected(unexpected_frame(frame.kind, name));
}

// Sends the name of each step that begins. The rest of the progress would only use bandwidth.
class Working final : public base::Progress {
 public:
  explicit Working(Frames& frames) : frames_(frames) {}

  void begin(std::string_view what, std::uint64_t, Unit) override { tell(what); }
  void advance(std::uint64_t, std::string_view) override {}
  void end() override {}
  void note(std::string_view) override {}

 private:
  void tell(std::string_view text) {
    // The result is ignored: if this fails, the next frame that matters fails too.
    static_cast<void>(
        frames_.send(FrameKind::working, text.substr(0, largest(FrameKind::working).value())));
  }

  Frames& frames_;
};

// Sends a sign of life at regular intervals.
class Pulse {
 public:
  Pulse(Frames& frames, std::chrono::milliseconds every)
      : thread_([this, &frames, every] { beat(frames, every); }) {}
  ~Pulse() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

 private:
  void beat(Frames& frames, std::chrono::milliseconds every) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, every, [this] { return over_; })) {
      lock.unlock();
      const bool gone = !frames.send(FrameKind::working, {});
      lock.lock();
      if (gone) return;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;  // last, because it uses the other members
};

base::Result<void> check_expected(const Hello& hello, const host::System& system,
                                  const std::string& version) {
  if (system.address.directory() == hello.system && system.digest == hello.digest) return {};
  return base::unexpected(base::fail("deploy.differs")
                              .with("host", hello.host)
                              .with("expected", hello.system)
                              .with("expected-digest", hello.digest)
                              .with("found", system.address.directory())
                              .with("found-digest", system.digest)
                              .with("version", hello.version)
                              .with("version-there", version));
}

}  // namespace

base::Result<Active> read_active(const activate::Generations& generations) {
  CCCI_TRY(const std::uint64_t number, generations.current());
  CCCI_TRY(const activate::Generation current, generations.read(number));
  return Active{number, generations.confirmed(), current.system, current.digest, current.project};
}

base::Result<bool> take_blob(Frames& frames, const AskedFor& asked,
                             const std::function<base::Result<base::Fd>()>& create,
                             base::Disk& disk) {
  CCCI_TRY(const Frame first, frames.receive());
  if (first.kind == FrameKind::absent) {
    if (first.content == asked.sha256 + "\n") return false;
    return base::unexpected(unexpected_frame(first.kind, asked.sha256));
  }
  if (first.kind != FrameKind::blob) return base::unexpected(unexpected_frame(first.kind, "blob"));
  CCCI_TRY(const BlobHead head, read_blob_head(first.content));
  const bool fits = asked.size != 0 ? head.size == asked.size : head.size <= asked.limit;
  if (head.sha256 != asked.sha256 || !fits) {
    return base::unexpected(
        base::fail("deploy.corrupt")
            .with("name", asked.name)
            .with("expected", asked.sha256)
            .with("found", head.sha256 + " of " + std::to_string(head.size) + " bytes"));
  }
  CCCI_TRY(const base::Fd file, create());
  base::Sha256 hasher;
  for (std::uint64_t done = 0; done < head.size;) {
    CCCI_TRY(const std::string block, expect(frames, FrameKind::data, "data"));
    if (block.empty() || block.size() > head.size - done) {
      return base::unexpected(
          base::fail("deploy.frame").with("found", "data of another length than announced"));
    }
    hasher.update(block);
    if (auto written = base::write_all(file.get(), block); !written) {
      return base::unexpected(std::move(written.error()).with("path", asked.name));
    }
    done += block.size();
  }
  const std::string found = hasher.finish().hex();
  if (found != asked.sha256) {
    return base::unexpected(base::fail("deploy.corrupt")
                                .with("name", asked.name)
                                .with("expected", asked.sha256)
                                .with("found", found));
  }
  if (fchmod(file.get(), 0644) != 0) {
    return base::unexpected(base::fail("base.write").with("path", asked.name).with_errno(errno));
  }
  CCCI_CHECK(disk.sync(file.get()));
  return true;
}

base::Result<void> Receiver::serve(Stream& stream) {
  Frames frames(stream);
  auto done = converse(frames);
  if (!done) static_cast<void>(frames.send(FrameKind::failed, write(done.error())));
  return done;
}

base::Result<void> Receiver::converse(Frames& frames) {
  CCCI_CHECK(frames.greet());
  CCCI_CHECK(frames.meet());
  const Pulse pulse(frames, pulse_);
  CCCI_TRY(const std::string text, expect(frames, FrameKind::hello, "hello"));
  CCCI_TRY(const Hello hello, read_hello(text));
  if (hello.state != store_.state()) {
    return base::unexpected(base::fail("deploy.state")
                                .with("state", hello.state)
                                .with("there", store_.state().native()));
  }
  CCCI_TRY(const store::Hold hold, store_.hold());
  Ready ready;
  ready.version = version_;
  ready.project = projects_.intact(hello.project).has_value();
  CCCI_TRY(ready.active, read_active(generations_));
  CCCI_CHECK(frames.send(FrameKind::ready, write(ready)));
  CCCI_TRY(const Opened opened, take_project(frames, hello, ready.project));
  {
    const host::Builder builder(store_, opened.declaration, opened.lock, {}, base::silent());
    const std::vector<source::Package> wanted = builder.missing({hello.host}).archives;
    if (hello.dry) {
      std::vector<std::string> digests;
      for (const source::Package& package : wanted) digests.push_back(package.sha256);
      return frames.send(FrameKind::want, write_wanted(digests));
    }
    CCCI_CHECK(take_archives(frames, wanted));
  }
  CCCI_TRY(const host::System system, build(frames, hello, opened));
  CCCI_CHECK(check_expected(hello, system, version_));
  // This root protects the system until the switch gives it a root of its own. The next deployment
  // of this host replaces it.
  CCCI_CHECK(store::add_root(store_, "deploy." + hello.host, system.address));
  CCCI_CHECK(prune(hello.project));
  CCCI_CHECK(adopt_program(generations_.layout(), store_.state(), running_program()));
  Done done{system.address.directory(), system.digest, opened.directory.native(), false};
  done.current = is_current(ready.active, done);
  return frames.send(FrameKind::done, write(done));
}

base::Result<Receiver::Opened> Receiver::take_project(Frames& frames, const Hello& hello,
                                                      bool there) {
  const fs::path tree = projects_.tree(hello.project);
  const auto in_tree = [&](const std::string& name) -> base::Result<fs::path> {
    return tree / name;
  };
  if (there) return open(hello, in_tree);
  CCCI_TRY(const std::string text, expect(frames, FrameKind::manifest, "manifest"));
  CCCI_TRY(const ProjectManifest manifest, ProjectManifest::read(text));
  if (manifest.hash() != hello.project) {
    return base::unexpected(base::fail("deploy.corrupt")
                                .with("name", "manifest")
                                .with("expected", hello.project)
                                .with("found", manifest.hash()));
  }
  CCCI_TRY(const Arrived arrived, projects_.arrivals());
  const std::vector<std::string> lacking = projects_.lacking(manifest);
  CCCI_CHECK(frames.send(FrameKind::want, write_wanted(lacking)));
  std::map<std::string, AskedFor> asked;
  for (const auto& [path, entry] : manifest.entries()) {
    if (!entry.is_link()) asked[entry.sha256] = {path, entry.sha256, entry.size, 0};
  }
  for (const std::string& digest : lacking) {
    CCCI_CHECK(take_blob(
        frames, asked.at(digest), [&] { return arrived.create(digest); }, store_.disk()));
  }
  if (!hello.dry) {
    CCCI_CHECK(projects_.publish(manifest, arrived));
    return open(hello, in_tree);
  }
  const auto find = [&](const std::string& name) -> base::Result<fs::path> {
    const auto entry = manifest.entries().find(name);
    const auto path = entry == manifest.entries().end() || entry->second.is_link()
                          ? std::nullopt
                          : projects_.find(entry->second, arrived);
    if (path) return *path;
    return base::unexpected(base::fail("deploy.changed").with("path", name));
  };
  return open(hello, find);
}

base::Result<Receiver::Opened> Receiver::open(const Hello& hello,
                                              const project::FindFile& find) const {
  Opened opened;
  CCCI_TRY(const fs::path declaration, find(hello.file));
  CCCI_TRY(const fs::path lock, find(project::lock_file_of(hello.file).native()));
  CCCI_TRY(const std::string text, base::read_file(declaration, declare::largest_declaration));
  CCCI_TRY(opened.declaration, declare::parse(text, hello.file));
  CCCI_CHECK(project::read_declared_files(opened.declaration, find));
  CCCI_TRY(const std::string locked, base::read_file(lock, lock::largest_lock));
  CCCI_TRY(opened.lock, lock::read(locked, lock.filename().native()));
  opened.directory = declaration.parent_path();
  if (!opened.declaration.hosts.contains(hello.host)) {
    return base::unexpected(base::fail("deploy.unknown-host").with("host", hello.host));
  }
  if (opened.lock.asks != lock::fingerprint(opened.declaration)) {
    return base::unexpected(base::fail("deploy.stale").with("lock", lock.filename().native()));
  }
  const std::string architecture = source::debian::native_architecture();
  if (opened.lock.architecture != architecture) {
    return base::unexpected(base::fail("deploy.architecture")
                                .with("locked", opened.lock.architecture)
                                .with("there", architecture));
  }
  return opened;
}

base::Result<void> Receiver::take_archives(Frames& frames,
                                           const std::vector<source::Package>& wanted) {
  std::map<std::string, const source::Package*> asked;  // two names may share one file
  for (const source::Package& package : wanted) asked.emplace(package.sha256, &package);
  std::vector<std::string> digests;
  for (const auto& [digest, package] : asked) digests.push_back(digest);
  CCCI_CHECK(frames.send(FrameKind::want, write_wanted(digests)));
  if (digests.empty()) return {};
  CCCI_TRY(const store::Staging staging, store_.scratch("archives"));
  CCCI_TRY(const base::Fd kept, base::open_path(store_.archives(), O_RDONLY | O_DIRECTORY));
  for (const auto& [digest, package] : asked) {
    const auto create = [&, digest = digest]() -> base::Result<base::Fd> {
      return base::open_in_root(staging.directory(), digest,
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    };
    const AskedFor one{package->name + " " + package->version, digest, package->size,
                       largest_archive};
    CCCI_TRY(const bool come, take_blob(frames, one, create, store_.disk()));
    if (!come) continue;
    // Each archive is renamed on its own, so it is kept even if the next one does not arrive.
    CCCI_CHECK(store_.disk().rename_over(staging.directory(), digest, kept.get(),
                                         host::kept_archive(store_, *package).filename()));
  }
  return store_.disk().sync(kept.get());
}

base::Result<host::System> Receiver::build(Frames& frames, const Hello& hello,
                                           const Opened& opened) {
  Working progress(frames);
  const auto fetch = [&](const std::vector<source::Package>& packages) {
    return fetch_(opened.declaration, opened.directory, packages);
  };
  host::Builder builder(store_, opened.declaration, opened.lock, fetch, progress);
  CCCI_TRY(const host::Build build, builder.build({hello.host}));
  return build.systems.at(hello.host);
}

// Answered here, because another connection would take longer than everything else of a deployment
// that changes nothing. If the question has no answer, the switch tells why.
bool Receiver::is_current(const Active& active, const Done& done) const {
  if (!runs(active, done.system, done.digest) || active.project != done.project) return false;
  const auto drifted = drifted_();
  return drifted && !*drifted;
}

base::Result<void> Receiver::prune(const std::string& project) const {
  std::set<std::string> keep{project};
  const fs::path place = projects_.tree(project).parent_path().parent_path();
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations_.numbers());
  for (const std::uint64_t number : numbers) {
    const auto generation = generations_.read(number);
    if (!generation) continue;
    const fs::path tree(generation->project);
    if (tree.parent_path().parent_path() == place) keep.insert(tree.parent_path().filename());
  }
  return projects_.prune(keep, project_age);
}

}  // namespace ccci::deploy
