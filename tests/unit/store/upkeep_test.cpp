// SPDX-License-Identifier: GPL-3.0-or-later
// Verify and repair.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/support/no_descriptors.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

using store::Address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Upkeep : public StoreTest {
 protected:
  store::Store store_ = open();
  Address package_ = add(store_, "x",
                         {file("./usr/bin/x", "program\n", 0755), file("./usr/share/a", "alpha\n"),
                          symbolic("./usr/bin/y", "x"), directory("./usr/lib/")});
  std::filesystem::path root_ = store_.path(package_) / "root";

  static void flip(const std::filesystem::path& path, std::size_t at = 0) {
    const auto time = std::filesystem::last_write_time(path);
    std::string bytes = read_text(path);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
    write_text(path, bytes);  // the same inode and time, as a failing disk would
    std::filesystem::last_write_time(path, time);
  }
  static std::int64_t time_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
    return status.st_mtim.tv_sec;
  }
  static void set_time(const std::filesystem::path& path, std::int64_t seconds, long nanoseconds) {
    const struct timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }
  std::vector<std::string> repaired() {
    auto found = store::verify(store_, {}, base::silent());
    auto left = store::repair(store_, *found, base::silent());
    EXPECT_TRUE(left) << describe(left.error());
    EXPECT_EQ(words(*left), damage(store_));
    EXPECT_TRUE(staging_is_empty());
    return words(*left);
  }
};

TEST_F(Upkeep, WhatCannotBeListedIsNotFoundGood) {
  {
    const NoDescriptors none;
    EXPECT_FALSE(store::verify(store_, {}, base::silent()));
  }
  EXPECT_TRUE(store::verify(store_, {}, base::silent()));
  std::filesystem::remove_all(store_.archives());
  write_text(store_.archives(), "a file");
  EXPECT_FALSE(store::verify(store_, {}, base::silent()));
}

TEST_F(Upkeep, AnObjectThatAnotherNeedsIsMissed) {
  const Address other = add(store_, "other", {file("./usr/share/o", "o\n")});
  link_environment(store_, package_, {package_, other});
  EXPECT_THAT(damage(store_), IsEmpty());
  std::filesystem::remove_all(store_.path(other));
  EXPECT_THAT(damage(store_), ElementsAre("missing package "));
  // Nothing of it is left to be repaired; another object is repaired all the same.
  flip(root_ / "usr/share/a");
  EXPECT_THAT(repaired(), ElementsAre("missing package "));
  EXPECT_EQ(read_text(root_ / "usr/share/a"), "alpha\n");
}

TEST_F(Upkeep, EveryFlippedByteIsFoundWhereItLies) {
  for (const char* name : {"root/usr/bin/x", "root/usr/share/a", "control/control", "meta.json"}) {
    flip(store_.path(package_) / name);
    EXPECT_THAT(damage(store_), ElementsAre(std::string("changed package ") + name));
    flip(store_.path(package_) / name);
  }
  const std::size_t size = read_text(store_.path(package_) / "manifest").size();
  for (std::size_t at = 0; at < size; at += 11) {
    flip(store_.path(package_) / "manifest", at);
    EXPECT_THAT(damage(store_), ElementsAre("manifest package manifest")) << at;
    flip(store_.path(package_) / "manifest", at);
  }
  flip(store_.path(package_) / "seal", 10);
  EXPECT_THAT(damage(store_), ElementsAre("manifest package seal"));
  flip(store_.path(package_) / "seal", 10);
  EXPECT_THAT(damage(store_), IsEmpty());
}

// A thread can have mounts of its own.
TEST_F(Upkeep, RepairsNothingIfSomethingIsMountedInAnAlienDirectory) {
  if (geteuid() != 0) GTEST_SKIP() << "needs mounts";
  std::filesystem::create_directories(root_ / "opt/deep/mounted");
  std::filesystem::create_directories(scratch() / "other");
  write_text(scratch() / "other/data", "precious");
  flip(root_ / "usr/bin/x");
  std::thread([&] {
    ASSERT_EQ(unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(mount((scratch() / "other").c_str(), (root_ / "opt/deep/mounted").c_str(), nullptr,
                    MS_BIND, nullptr),
              0);
    // Descriptors that were opened before show the mounts of before.
    store::Store here = open();
    const auto damage = store::verify(here, {}, base::silent(), 1);
    ASSERT_TRUE(damage);
    const auto repaired = store::repair(here, *damage, base::silent());
    ASSERT_FALSE(repaired);
    EXPECT_TRUE(repaired.error().is(base::Condition::mounted)) << describe(repaired.error());
    EXPECT_EQ(repaired.error().field("path"), (root_ / "opt/deep/mounted").native());
  }).join();
  EXPECT_EQ(read_text(scratch() / "other/data"), "precious");
  EXPECT_TRUE(std::filesystem::exists(root_ / "opt/deep"));
  EXPECT_THAT(damage(store_), testing::Contains("changed package root/usr/bin/x"));
}

TEST_F(Upkeep, GoesOnAfterEverything) {
  flip(root_ / "usr/bin/x");
  std::filesystem::remove(root_ / "usr/share/a");
  write_text(root_ / "usr/lib/alien", "x");
  std::filesystem::create_directories(root_ / "opt/deep");
  write_text(root_ / "opt/deep/file", "x");
  chmod((root_ / "usr/share").c_str(), 0700);
  std::filesystem::remove(root_ / "usr/bin/y");
  std::filesystem::create_symlink("elsewhere", root_ / "usr/bin/y");
  chmod((root_ / "usr/bin/x").c_str(), 04755);
  write_text(store_.path(package_) / "stray", "x");
  const Address second = add(store_, "z", {file("./z")});
  ASSERT_EQ(mkfifo((store_.path(second) / "root/fifo").c_str(), 0600), 0);
  EXPECT_THAT(damage(store_), ::testing::UnorderedElementsAre(
                                  "alien package root/opt", "changed package root/usr/bin/x",
                                  "mode package root/usr/bin/x", "changed package root/usr/bin/y",
                                  "alien package root/usr/lib/alien", "mode package root/usr/share",
                                  "missing package root/usr/share/a", "alien package stray",
                                  "alien package root/fifo"));
  EXPECT_THAT(repaired(), IsEmpty());
}

TEST_F(Upkeep, SharedFilesAreReadOnceAndReportedForEach) {
  link_environment(store_, package_);
  auto clean = store::verify(store_, {}, base::silent());
  // Two programs' worth of content, and beside root/ four files here and three there.
  EXPECT_EQ(clean->objects, 2U);
  EXPECT_EQ(clean->files, 2U + 4U + 3U);
  flip(root_ / "usr/bin/x");
  EXPECT_THAT(damage(store_),
              ElementsAre("changed package root/usr/bin/x", "changed environment root/usr/bin/x"));
}

TEST_F(Upkeep, RepairGivesFreshBytesAndHealsEveryReferrer) {
  const Address environment = link_environment(store_, package_);
  const auto shared = store_.path(environment) / "root/usr/bin/x";
  flip(root_ / "usr/bin/x");
  // Somebody has the damaged inode open or mapped: it must not be written to, only replaced.
  const int held = ::open(shared.c_str(), O_RDONLY);
  struct stat before {};
  fstat(held, &before);
  EXPECT_THAT(repaired(), IsEmpty());
  struct stat after {};
  struct stat package {};
  stat(shared.c_str(), &after);
  stat((root_ / "usr/bin/x").c_str(), &package);
  EXPECT_NE(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_ino, package.st_ino);
  EXPECT_EQ(read_text(shared), "program\n");
  std::array<char, 8> old{};
  EXPECT_EQ(pread(held, old.data(), old.size(), 0), 8);
  EXPECT_NE(std::string(old.data(), 8), "program\n");
  close(held);
}

TEST_F(Upkeep, RepairOfThePackageAloneHealsItsReferrersToo) {
  const Address environment = link_environment(store_, package_);
  flip(root_ / "usr/bin/x");
  auto found = store::verify(store_, {package_}, base::silent());
  auto left = store::repair(store_, *found, base::silent());
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->findings.empty());
  EXPECT_EQ(read_text(store_.path(environment) / "root/usr/bin/x"), "program\n");
  EXPECT_THAT(damage(store_), IsEmpty());
}

TEST_F(Upkeep, RepairOfDescriptionsAndWholeDirectories) {
  std::filesystem::remove_all(root_ / "usr");
  std::filesystem::create_symlink("/", root_ / "usr");
  std::filesystem::remove(store_.path(package_) / "seal");
  flip(store_.path(package_) / "manifest");
  flip(store_.path(package_) / "meta.json");
  std::filesystem::remove_all(store_.path(package_) / "control");
  EXPECT_THAT(repaired(), IsEmpty());
  EXPECT_EQ(*store::control_file(store_, package_, "control"), "Package: x\nVersion: 1\n");
}

TEST_F(Upkeep, AFileWithoutAnArchiveIsTakenFromItsTwin) {
  const Address environment = link_environment(store_, package_);
  const auto shared = store_.path(environment) / "root/usr/share/a";
  std::filesystem::remove(shared);
  std::filesystem::remove_all(store_.archives());
  std::filesystem::create_directory(store_.archives());
  EXPECT_THAT(repaired(), IsEmpty());
  EXPECT_EQ(read_text(shared), "alpha\n");
  std::filesystem::remove(root_ / "usr/share/a");
  EXPECT_THAT(repaired(), IsEmpty());
}

TEST_F(Upkeep, WhatCannotBeRepairedIsSaid) {
  std::filesystem::remove_all(store_.archives());
  std::filesystem::create_directory(store_.archives());
  flip(root_ / "usr/bin/x");
  std::filesystem::remove(root_ / "usr/bin/y");
  EXPECT_THAT(repaired(), ElementsAre("changed package root/usr/bin/x"));
  ASSERT_TRUE(store::discard(store_, package_));
  EXPECT_FALSE(store_.has(package_));
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(Upkeep, ADamagedArchiveIsNamedAndTakenAway) {
  const auto kept = std::filesystem::directory_iterator(store_.archives())->path();
  flip(kept, 100);
  EXPECT_THAT(damage(store_), ElementsAre("archive package "));
  EXPECT_THAT(repaired(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(kept));
}

TEST_F(Upkeep, WhatIsNoObjectIsNamedAndTakenAway) {
  const std::filesystem::path top = store_.state() / "store";
  write_text(top / "notes", "x");
  std::filesystem::create_directories(top / "package" / "no-object" / "deep");
  std::filesystem::create_symlink("/etc", top / "environment" / "link");
  std::filesystem::create_directory(top / "lost+found");  // of a file system of its own
  const auto found = store::verify(store_, {}, base::silent());
  ASSERT_TRUE(found);
  std::vector<std::string> labels;
  for (const store::Finding& finding : found->findings) {
    EXPECT_EQ(finding.damage, store::Damage::alien);
    labels.push_back(finding.object.label + ": " + finding.found);
  }
  EXPECT_THAT(labels, ::testing::UnorderedElementsAre("store/notes: a file",
                                                      "store/package/no-object: a directory",
                                                      "store/environment/link: a link"));
  EXPECT_TRUE(store::repair(store_, *found, base::silent()));
  EXPECT_THAT(store::verify(store_, {}, base::silent())->findings, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(top / "lost+found"));
}

TEST_F(Upkeep, EveryChangedTimeIsFoundAndSetBack) {
  const Address environment = link_environment(store_, package_);
  for (const char* path : {"usr/bin/x", "usr/bin/y", "usr/lib", "."}) {
    const std::int64_t before = time_of(root_ / path);
    const std::string found =
        std::string("time package root") + (*path == '.' ? "" : "/" + std::string(path));
    for (const auto& [seconds, nanoseconds] :
         {std::pair{before + 1, 0L}, std::pair{before, 1L}, std::pair{std::int64_t{0}, 0L}}) {
      set_time(root_ / path, seconds, nanoseconds);
      EXPECT_THAT(damage(store_), ::testing::Contains(found)) << path;
      EXPECT_THAT(repaired(), IsEmpty());
      EXPECT_EQ(time_of(root_ / path), before) << path;
    }
  }
  EXPECT_EQ(time_of(store_.path(environment) / "root/usr/bin/x"), time_of(root_ / "usr/bin/x"));
}

TEST_F(Upkeep, RepairGivesReplacedEntriesAndTheirDirectoriesTheirTimes) {
  const std::int64_t file = time_of(root_ / "usr/bin/x");
  const std::int64_t link = time_of(root_ / "usr/bin/y");
  const std::int64_t directory = time_of(root_ / "usr/bin");
  flip(root_ / "usr/bin/x");
  std::filesystem::remove(root_ / "usr/bin/y");
  write_text(root_ / "usr/bin/alien", "x");
  EXPECT_THAT(repaired(), IsEmpty());
  EXPECT_EQ(time_of(root_ / "usr/bin/x"), file);
  EXPECT_EQ(time_of(root_ / "usr/bin/y"), link);
  EXPECT_EQ(time_of(root_ / "usr/bin"), directory);
}

// Objects of the form before times were kept: they stay good, and are repaired as they were.
TEST_F(Upkeep, ObjectsWithFixedTimesAreVerifiedAndRepairedAsTheyWere) {
  store::PackageSource old =
      source("x", deb({file("./usr/bin/x", "program\n", 0755), file("./usr/share/a", "alpha\n"),
                       symbolic("./usr/bin/y", "x"), directory("./usr/lib/")}));
  old.times = store::Times::fixed;
  const Address address = add(store_, old);
  EXPECT_NE(address, package_);
  const auto root = store_.path(address) / "root";
  EXPECT_TRUE(read_text(store_.path(address) / "manifest").starts_with("d usr\n"));
  EXPECT_EQ(time_of(root / "usr/bin/x"), store::normal_time);
  EXPECT_EQ(time_of(root / "usr/bin/y"), store::normal_time);
  EXPECT_EQ(time_of(root / "usr/lib"), store::normal_time);
  const Address environment = link_environment(store_, address);
  EXPECT_THAT(damage(store_), IsEmpty());
  flip(root / "usr/bin/x");
  std::filesystem::remove(store_.path(address) / "seal");
  EXPECT_THAT(repaired(), IsEmpty());
  EXPECT_TRUE(read_text(store_.path(address) / "manifest").starts_with("d usr\n"));
  EXPECT_EQ(time_of(root / "usr/bin/x"), store::normal_time);
  EXPECT_EQ(read_text(store_.path(environment) / "root/usr/bin/x"), "program\n");
}

TEST_F(Upkeep, UnknownObjectsAreRefused) {
  auto found =
      store::verify(store_, {store::address(store::Kind::system, "x", "y")}, base::silent());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "store.unknown");
}

}  // namespace
}  // namespace ccci::test
