// SPDX-License-Identifier: GPL-3.0-or-later
// Claiming and publishing, also with others at work and with calls that fail.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

using store::Address;
using store::Kind;

class StoreRoom : public StoreTest {
 protected:
  static Address example(const std::string& inputs = "inputs") {
    return store::address(Kind::entrypoint, "cc-ci-run", inputs);
  }
  static base::Result<void> make(store::Store& store, const Address& address,
                                 const std::string& content = "content") {
    CCCI_TRY(auto staging, store.claim(address));
    if (!staging) return {};
    write_text(staging->path() / "cc-ci-run", content);
    return store.publish(std::move(*staging));
  }
};

TEST_F(StoreRoom, AddressesNameInputsNotLabels) {
  const Address one = store::address(Kind::package, "Git_1:2~x", "a");
  EXPECT_EQ(one.label, "git-1-2-x");
  EXPECT_EQ(one.hash, store::address(Kind::package, "other", "a").hash);
  EXPECT_NE(one.hash, store::address(Kind::package, "Git_1:2~x", "b").hash);
  EXPECT_EQ(one.directory(), base::sha256("a").hex().substr(0, 32) + "-git-1-2-x");
  EXPECT_EQ(store::address(Kind::package, std::string(200, 'l'), "a").label.size(), 80U);
}

TEST_F(StoreRoom, ReferencesReadBack) {
  const Address one = example();
  EXPECT_EQ(store::read_reference(store::reference(one)), one);
  const std::string hash(32, 'a');
  for (const std::string& bad : std::vector<std::string>{
           "", "package", "package/", "other/" + hash + "-x", "package/" + hash,
           "package/" + hash + "x-y", "package/../" + hash + "-x", "package/" + hash + "-x/y",
           "package/" + hash + "-X", "package/" + std::string(32, 'A') + "-x",
           "package/" + hash + "-" + std::string(81, 'l')}) {
    EXPECT_FALSE(store::read_reference(bad)) << bad;
  }
}

TEST_F(StoreRoom, AnObjectIsThereOnceItIsPublished) {
  store::Store store = open();
  EXPECT_FALSE(store.has(example()));
  auto staging = store.claim(example());
  ASSERT_TRUE(staging && *staging);
  write_text((*staging)->path() / "run", "x");
  EXPECT_FALSE(store.has(example()));
  ASSERT_TRUE(store.publish(std::move(**staging)));
  EXPECT_TRUE(store.has(example()));
  EXPECT_TRUE(staging_is_empty());
  auto again = store.claim(example());
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
  EXPECT_EQ(store.list(Kind::entrypoint).value(), std::vector<Address>{example()});
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(StoreRoom, WhatIsDroppedLeavesNothing) {
  store::Store store = open();
  {
    auto staging = store.claim(example());
    std::filesystem::create_directories((*staging)->path() / "a/b");
    write_text((*staging)->path() / "a/b/c", "x");
  }
  EXPECT_TRUE(staging_is_empty());
  EXPECT_FALSE(store.has(example()));
}

TEST_F(StoreRoom, FindsByPrefix) {
  store::Store store = open();
  ASSERT_TRUE(make(store, example()));
  EXPECT_EQ(*store.find(example().hash.substr(0, 8)), example());
  EXPECT_EQ(store.find(example().hash.substr(0, 3)).error().code, "store.unknown");
  EXPECT_EQ(store.find("ffffffff").error().code, "store.unknown");
  Address twin = example();
  twin.kind = Kind::system;
  ASSERT_TRUE(make(store, twin));
  EXPECT_EQ(store.find(example().hash).error().code, "store.ambiguous");
}

TEST_F(StoreRoom, OpeningClearsTheDeadAndLeavesTheLiving) {
  store::Store store = open();
  auto living = store.claim(example());
  ASSERT_TRUE(living);
  const auto staging = state() / "staging";
  std::filesystem::create_directories(staging / "dead/root/usr");
  std::filesystem::permissions(staging / "dead/root", std::filesystem::perms::none);
  write_text(staging / "file", "stray");
  store::Store second = open();
  EXPECT_FALSE(std::filesystem::exists(staging / "dead"));
  EXPECT_FALSE(std::filesystem::exists(staging / "file"));
  EXPECT_TRUE(std::filesystem::exists((*living)->path()));
}

TEST_F(StoreRoom, StagingOfAKilledProcessIsCleared) {
  const pid_t child = fork();
  if (child == 0) {
    store::Store store = open();
    auto staging = store.claim(example());
    write_text((*staging)->path() / "half", "x");
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(staging_is_empty());
  store::Store store = open();
  EXPECT_TRUE(staging_is_empty());
  ASSERT_TRUE(make(store, example()));
  EXPECT_TRUE(store.has(example()));
}

TEST_F(StoreRoom, EightThreadsMakeOneObjectOnce) {
  store::Store store = open();
  std::atomic<int> makers{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto staging = store.claim(example());
      ASSERT_TRUE(staging) << describe(staging.error());
      if (!*staging) return;
      ++makers;
      write_text((*staging)->path() / "run", "x");
      ASSERT_TRUE(store.publish(std::move(**staging)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(makers, 1);
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(StoreRoom, EightProcessesMakeOneSetOnce) {
  std::vector<store::PackageSource> sources;
  for (int i = 0; i < 10; ++i) {
    sources.push_back(source("p" + std::to_string(i), deb({file("./a" + std::to_string(i))})));
  }
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      store::Store store = open();
      // Each in another order.
      std::rotate(sources.begin(), sources.begin() + i, sources.end());
      _exit(store::add_packages(store, sources, base::silent(), 2) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  store::Store store = open();
  EXPECT_EQ(store.list(Kind::package).value().size(), 10U);
  EXPECT_TRUE(staging_is_empty());
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(StoreRoom, DescriptorsDoNotReachPrograms) {
  store::Store store = open();
  auto staging = store.claim(example());
  ASSERT_TRUE(staging);
  for (const auto& item : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(item.path(), error);
    if (target.native().find(state().native()) == std::string::npos) continue;
    const int number = std::stoi(item.path().filename().native());
    EXPECT_NE(fcntl(number, F_GETFD) & FD_CLOEXEC, 0) << target;
  }
}

// Lets the n-th call of one sort fail, and all after it where it is sticky.
class FaultyDisk : public base::Disk {
 public:
  enum class Call { sync, sync_filesystem, rename_new };

  FaultyDisk(Call call, int nth, bool sticky) : call_(call), left_(nth), sticky_(sticky) {}

  base::Result<void> sync(int fd) override {
    if (fails(Call::sync)) return failure();
    return Disk::sync(fd);
  }
  base::Result<void> sync_filesystem(int fd) override {
    if (fails(Call::sync_filesystem)) return failure();
    return Disk::sync_filesystem(fd);
  }
  base::Result<void> rename_new(int from_dir, const std::string& from, int to_dir,
                                const std::string& to) override {
    if (fails(Call::rename_new)) return failure();
    return Disk::rename_new(from_dir, from, to_dir, to);
  }

  bool met = false;

 private:
  bool fails(Call call) {
    if (call != call_) return false;
    const bool now = left_ == 0 || (sticky_ && left_ < 0);
    --left_;
    met = met || now;
    return now;
  }
  static base::Result<void> failure() {
    return base::unexpected(base::fail("base.sync").with_errno(EIO));
  }

  Call call_;
  int left_;
  bool sticky_;
};

TEST_F(StoreRoom, WhatCouldNotBeMadeDurableIsNotThere) {
  using Call = FaultyDisk::Call;
  { const store::Store layout = open(); }
  for (const bool many : {false, true}) {
    for (const bool sticky : {false, true}) {
      for (const Call call : {Call::sync, Call::sync_filesystem, Call::rename_new}) {
        for (int nth = 0;; ++nth) {
          FaultyDisk disk(call, nth, sticky);
          const Address address =
              example(std::to_string(nth) + (many ? "many" : "") +
                      std::to_string(static_cast<int>(call)) + (sticky ? "sticky" : ""));
          {
            store::Store store = open(disk);
            auto staging = store.claim(address);
            ASSERT_TRUE(staging && *staging);
            for (int i = 0; i < (many ? 40 : 2); ++i) {
              write_text((*staging)->path() / std::to_string(i), "x");
            }
            auto published = store.publish(std::move(**staging));
            EXPECT_EQ(static_cast<bool>(published), !disk.met);
            EXPECT_EQ(store.has(address), !disk.met)
                << "call " << static_cast<int>(call) << " " << nth;
            if (!published) {
              EXPECT_EQ(published.error().code, "store.publish");
              EXPECT_EQ(published.error().field("object"), "cc-ci-run");
            }
          }
          EXPECT_TRUE(staging_is_empty());
          if (!disk.met) break;
        }
      }
    }
  }
}

TEST_F(StoreRoom, AfterAFailedSyncNothingIsPublishedAnyMore) {
  { const store::Store layout = open(); }
  FaultyDisk disk(FaultyDisk::Call::sync, 0, false);
  store::Store store = open(disk);
  EXPECT_FALSE(make(store, example("one")));
  // The kernel may have dropped the pages that it could not write and called the rest good.
  EXPECT_FALSE(make(store, example("two")));
  store::Store fresh = open();
  EXPECT_TRUE(make(fresh, example("one")));
}

TEST_F(StoreRoom, OneFailureOfABatchLeavesTheOthers) {
  FaultyDisk disk(FaultyDisk::Call::rename_new, 1, false);
  store::Store store = open(disk);
  std::vector<store::Staging> batch;
  for (const char* name : {"a", "b", "c"}) {
    auto staging = store.claim(example(name));
    write_text((*staging)->path() / "run", name);
    batch.push_back(std::move(**staging));
  }
  auto published = store.publish(std::move(batch));
  ASSERT_FALSE(published);
  EXPECT_TRUE(published.error().also.empty());
  EXPECT_EQ(store.list(Kind::entrypoint).value().size(), 2U);
  EXPECT_FALSE(store.has(example("b")));
}

TEST_F(StoreRoom, DevicesArePublishedByNobody) {
  store::Store store = open();
  auto staging = store.claim(example());
  ASSERT_EQ(mkfifo(((*staging)->path() / "fifo").c_str(), 0600), 0);
  auto published = store.publish(std::move(**staging));
  ASSERT_FALSE(published);
  EXPECT_FALSE(store.has(example()));
}

TEST_F(StoreRoom, AStateDirectoryThatIsNoneIsNamed) {
  write_text(scratch() / "state", "a file");
  auto opened = store::Store::open(state());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store.state-directory");
  EXPECT_EQ(opened.error().field("path"), state().native());
}

TEST_F(StoreRoom, AStateDirectoryThatNoEntrypointCanNameIsRefused) {
  for (const char* name : {"my state", "tab\tbed", "line\nfeed"}) {
    auto opened = store::Store::open(scratch() / name / "below");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "store.state-blank");
    EXPECT_FALSE(std::filesystem::exists(scratch() / name));
  }
}

// A store of another user, as on a read-only file system: running what is there writes nothing.
TEST_F(StoreRoom, AnotherUserMayReadAndHoldsNoLock) {
  if (geteuid() != 0) GTEST_SKIP() << "needs another user";
  store::Store store = open();
  ASSERT_TRUE(make(store, example()));
  ASSERT_TRUE(store::add_root(store, "mine", example()));
  const pid_t child = fork();
  if (child == 0) {
    if (setegid(65534) != 0 || seteuid(65534) != 0) _exit(2);
    if (store.writable()) _exit(6);
    if (!store.hold()) _exit(3);
    if (!store::add_root(store, "mine", example())) _exit(4);
    _exit(store::add_root(store, "other", example()) ? 5 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace ccci::test
