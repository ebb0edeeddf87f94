// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/package.hpp"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/files.hpp"
#include "base/threads.hpp"
#include "store/full.hpp"
#include "store/members.hpp"
#include "store/meta.hpp"
#include "store/unpack.hpp"

namespace ccci::store {

namespace {

// Collects unpacked packages and publishes them while others are still being unpacked. One sync of
// the file system serves all packages that arrived during the sync before it.
class Publisher {
 public:
  // `early`: the number of early packages that will be added. `then` is called after the last.
  Publisher(Store& store, std::size_t early, std::function<void()> then)
      : store_(store),
        early_(early),
        then_(std::move(then)),
        thread_(base::start_thread([this] { run(); })) {}

  // Without a thread of its own, the Publisher publishes in finish().
  void add(Staging staging, bool early) {
    const std::lock_guard guard(mutex_);
    waiting_.push_back(std::move(staging));
    if (early) ++waiting_early_;
    changed_.notify_one();
  }

  // An early package that another process made meanwhile.
  void add_present() {
    const std::lock_guard guard(mutex_);
    ++waiting_early_;
    changed_.notify_one();
  }

  std::vector<base::Error> finish() {
    {
      const std::lock_guard guard(mutex_);
      closed_ = true;
      changed_.notify_one();
    }
    if (thread_) {
      thread_->join();
    } else {
      run();
    }
    if (after_early_) after_early_->join();
    return std::move(errors_);
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      // Nothing is synced before all early packages are there: they would wait for two syncs.
      changed_.wait(lock, [this] {
        return closed_ || (waiting_early_ == early_ && (early_ > 0 || !waiting_.empty()));
      });
      if (waiting_.empty() && waiting_early_ == 0) return;
      std::vector<Staging> batch = std::move(waiting_);
      waiting_.clear();
      const bool all_early = early_ > 0 && waiting_early_ == early_;
      if (all_early) early_ = 0;
      waiting_early_ = 0;
      lock.unlock();
      auto published = store_.publish(std::move(batch));
      if (published && all_early && then_) after_early_ = base::start_thread(then_);
      lock.lock();
      if (!published) errors_.push_back(std::move(published).error());
    }
  }

  Store& store_;
  std::size_t early_;  // how many are not published yet
  std::function<void()> then_;
  std::optional<std::thread> after_early_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Staging> waiting_;
  std::size_t waiting_early_ = 0;
  std::vector<base::Error> errors_;
  bool closed_ = false;
  std::optional<std::thread> thread_;  // last, because it uses the other members
};

struct Job {
  const PackageSource* source;
  std::uint64_t size;
  bool early;
};

base::Result<void> make(const PackageSource& source, Staging& staging, const Limits& limits) {
  CCCI_TRY(const Unpacked unpacked, unpack(source, staging.directory(), limits));
  if (source.times == Times::own) staging.root_is_normal();
  auto written =
      write_content(staging, unpacked.manifest, unpacked.digest, describe(source, unpacked));
  if (!written && is_full(written.error())) {
    return base::unexpected(no_space(source.name, unpacked.manifest.bytes(), staging.directory()));
  }
  return written;
}

class Unpackers {
 public:
  Unpackers(Store& store, std::vector<Job> jobs, base::Progress& progress, const Limits& limits)
      : store_(store), jobs_(std::move(jobs)), progress_(progress), limits_(limits) {}

  std::vector<base::Error> run(unsigned threads, const std::function<void()>& after_early) {
    const auto early =
        std::count_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.early; });
    Publisher publisher(store_, static_cast<std::size_t>(early), after_early);
    base::on_threads(std::min<std::size_t>(threads, jobs_.size()), [&] { work(publisher); });
    for (base::Error& error : publisher.finish()) errors_.push_back(std::move(error));
    return std::move(errors_);
  }

 private:
  void work(Publisher& publisher) {
    while (!full_) {
      const std::size_t index = next_.fetch_add(1);
      if (index >= jobs_.size()) return;
      const PackageSource& source = *jobs_[index].source;
      if (auto done = one(jobs_[index], publisher); !done) {
        // All other packages would fail in the same way, so the first such error ends the work.
        if (done.error().is(base::Condition::no_space) && full_.exchange(true)) return;
        const std::lock_guard guard(mutex_);
        errors_.push_back(std::move(done).error());
      }
      progress_.advance(jobs_[index].size, source.name + " " + source.version);
    }
  }

  base::Result<void> one(const Job& job, Publisher& publisher) {
    CCCI_TRY(std::optional<Staging> staging, store_.claim(package_address(*job.source)));
    if (staging) {
      CCCI_CHECK(make(*job.source, *staging, limits_));
      publisher.add(std::move(*staging), job.early);
    } else if (job.early) {
      publisher.add_present();
    }
    return {};
  }

  Store& store_;
  std::vector<Job> jobs_;
  base::Progress& progress_;
  const Limits& limits_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::vector<base::Error> errors_;
};

}  // namespace

std::string_view format_name(Format format) {
  switch (format) {
    case Format::deb:
      return "deb";
    case Format::archive:
      return "archive";
    case Format::wheel:
      return "wheel";
    case Format::npm:
      return "npm";
  }
  return {};
}

Format read_format(std::string_view name) {
  for (const Format format : {Format::archive, Format::wheel, Format::npm}) {
    if (name == format_name(format)) return format;
  }
  return Format::deb;
}

Address package_address(const PackageSource& source) {
  // The name counts only for archives, because a single program file is stored under its name. The
  // number is the version of the rules by which an archive becomes a tree. It changes when the
  // rules change.
  std::string inputs = source.times == Times::fixed ? "package 1\n" : "package 3\n";
  inputs += std::string(format_name(source.format)) + "\n";
  if (source.format == Format::archive) inputs += source.name + "\n";
  return address(Kind::package, source.name + "-" + source.version, inputs + source.sha256 + "\n");
}

base::Result<void> add_packages(Store& store, const std::vector<PackageSource>& sources,
                                base::Progress& progress, unsigned threads, const Limits& limits,
                                const Early& early) {
  std::map<Address, Job> missing;
  for (const PackageSource& source : sources) {
    const Address address = package_address(source);
    if (store.has(address)) continue;
    std::error_code unknown;
    const std::uintmax_t size = std::filesystem::file_size(source.file, unknown);
    missing.try_emplace(address, Job{.source = &source,
                                     .size = unknown ? 0 : static_cast<std::uint64_t>(size),
                                     .early = early.objects.contains(address)});
  }
  if (missing.empty()) return {};
  std::vector<Job> jobs;
  std::uint64_t total = 0;
  for (const auto& [address, job] : missing) {
    jobs.push_back(job);
    total += job.size;
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return a.early != b.early ? a.early : a.size > b.size;
  });
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  CCCI_TRY(const Hold hold, store.hold());
  progress.begin("unpacking packages", total, base::Progress::Unit::bytes);
  std::vector<base::Error> errors =
      Unpackers(store, std::move(jobs), progress, limits).run(threads, early.then);
  progress.end();
  for (base::Error& error : errors) {
    if (error.is(base::Condition::no_space)) measure_free(error, store.directory());
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return {};
}

base::Result<Manifest> package_manifest(const Store& store, const Address& address) {
  return object_manifest(store, address);
}

base::Result<std::string> control_file(const Store& store, const Address& address,
                                       const std::string& name) {
  if (!store.has(address)) {
    return base::unexpected(base::fail("store.unknown").with("object", reference(address)));
  }
  CCCI_TRY(const base::Fd object, base::open_path(store.path(address), O_RDONLY | O_DIRECTORY));
  auto file = base::open_in_root(object.get(), "control/" + name, O_RDONLY | O_NOFOLLOW);
  if (!file) {
    if (file.error().field("cause") == base::describe_errno(ENOENT)) return std::string();
    return base::unexpected(std::move(file).error());
  }
  return base::read_fd(file->get(), largest_control_member, name);
}

}  // namespace ccci::store
