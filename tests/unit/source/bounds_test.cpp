// SPDX-License-Identifier: GPL-3.0-or-later
// Mirrors that send nothing, trickle or have no end, and records that cannot be read.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "source/debian/catalogue.hpp"
#include "source/debian/setup.hpp"
#include "source/mirror_path.hpp"
#include "tests/unit/source/archive_fixture.hpp"
#include "tests/unit/source/slow_server.hpp"

namespace ccci::source::debian {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

class Mirror : public ArchiveTest {
 protected:
  Mirror() {
    mirror.add({.name = "git"});
    mirror.publish(key);
    machine.patience = 1500ms;
  }
  std::filesystem::path release() const {
    return directory.path() / "mirror/dists/stable/InRelease";
  }
  std::string outcome() {
    const auto began = std::chrono::steady_clock::now();
    const auto answer = resolve(query({"git"}));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
    return answer ? "resolved" : describe(answer.error());
  }
};

TEST_F(Mirror, AnIndexWithoutAnEndIsStopped) {
  std::filesystem::remove(release());
  std::filesystem::create_symlink("/dev/zero", release());
  EXPECT_THAT(outcome(), StartsWith("source.not-a-file"));
  // The same as a file with a hole: it has a size, which is far too large.
  std::filesystem::remove(release());
  std::ofstream(release()) << "x";
  std::filesystem::resize_file(release(), 1ULL << 40U);
  EXPECT_THAT(outcome(), StartsWith("source.endless"));
  std::uintmax_t bytes = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(directory.path() / "state")) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  EXPECT_LT(bytes, 4ULL << 30U);
}

TEST_F(Mirror, AFifoInTheMirrorIsNotWaitedFor) {
  std::filesystem::remove(release());
  ASSERT_EQ(mkfifo(release().c_str(), 0644), 0);
  EXPECT_THAT(outcome(), StartsWith("source.not-a-file"));
}

TEST_F(Mirror, AFifoInThePoolIsNotWaitedFor) {
  const auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer);
  std::filesystem::remove(mirror.pool("git", "1"));
  ASSERT_EQ(mkfifo(mirror.pool("git", "1").c_str(), 0644), 0);
  const auto fetched = fetch(*answer);
  ASSERT_FALSE(fetched);
  EXPECT_THAT(describe(fetched.error()), StartsWith("source.not-a-file"));
}

TEST_F(Mirror, ASilentOneAndATricklingOneAreGivenUp) {
  for (const std::size_t trickles : {0U, 1U}) {
    const tests::SlowServer server(trickles);
    sources("deb [signed-by=" + key.keyring() + "] " + server.uri() + " stable main\n");
    const std::string told = outcome();
    EXPECT_THAT(told, StartsWith("source.silent")) << trickles;
    EXPECT_THAT(told, HasSubstr(server.uri())) << trickles;
  }
}

// 1500 bytes a second are 2250 in the time of patience, so they would be enough if each counted
// twice.
TEST_F(Mirror, EachByteOfAnArchiveCountsOnce) {
  auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer);
  answer->packages = {find(*answer, "git")};
  answer->packages[0].size = tests::SlowServer::length;
  const tests::SlowServer server(30);
  sources("deb [signed-by=" + key.keyring() + "] " + server.uri() + " stable main\n");
  const auto fetched = fetch(*answer);
  ASSERT_FALSE(fetched);
  EXPECT_THAT(describe(fetched.error()), StartsWith("source.silent"));
  EXPECT_THAT(describe(fetched.error()), HasSubstr(server.uri()));
}

TEST_F(Mirror, AnotherSizeIsToldAsSuch) {
  auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer);
  answer->packages = {find(*answer, "git")};
  const std::string size = std::to_string(answer->packages[0].size);
  const tests::SlowServer server(4000);
  sources("deb [signed-by=" + key.keyring() + "] " + server.uri() + " stable main\n");
  const auto fetched = fetch(*answer);
  ASSERT_FALSE(fetched);
  EXPECT_THAT(describe(fetched.error()), StartsWith("source.mismatch"));
  EXPECT_THAT(describe(fetched.error()), HasSubstr("expected=" + size + " bytes"));
  EXPECT_THAT(describe(fetched.error()), HasSubstr("found=100000 bytes"));
}

// libapt alone reads such a file for ever.
TEST_F(Mirror, AptsConfigurationThatCannotBeReadIsRefused) {
  const auto file = machine.etc / "apt.conf.d/10test";
  std::filesystem::create_directories(file.parent_path());
  ASSERT_EQ(mkfifo(file.c_str(), 0644), 0);
  EXPECT_EQ(outcome(), "resolved");
  std::filesystem::remove(file);
  std::filesystem::create_symlink("/dev/zero", file);
  EXPECT_EQ(outcome(), "resolved");
  std::filesystem::remove(file);
  std::filesystem::create_symlink("/proc/self/mem", file);  // reading it gives EIO
  EXPECT_THAT(outcome(), StartsWith("base.read"));
  EXPECT_THAT(outcome(), HasSubstr(file.native()));
  std::filesystem::remove(file);
  const auto main = machine.etc / "apt.conf";
  std::filesystem::create_symlink("/proc/self/mem", main);
  EXPECT_THAT(outcome(), StartsWith("base.read"));
  std::filesystem::remove(main);
  ASSERT_EQ(mkfifo(main.c_str(), 0644), 0);
  EXPECT_THAT(outcome(), StartsWith("base.not-a-file"));
}

// A directory that this user cannot search. For root, who can, a link that leads in a circle does
// it.
TEST_F(Mirror, ListsThatCannotBeReadWereNotNeverFetched) {
  ASSERT_EQ(outcome(), "resolved");
  const auto lists = directory.path() / "state/apt/state/lists";
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (!file.path().native().ends_with("Release")) continue;
    std::filesystem::remove(file.path());
    std::filesystem::create_symlink(file.path().filename(), file.path());
  }
  const auto offline = resolve(query({"git"}), true);
  ASSERT_FALSE(offline);
  EXPECT_THAT(describe(offline.error()), StartsWith("source.denied"));
}

TEST_F(Mirror, WhatCannotBeReadIsNotToldAsSomethingElse) {
  ASSERT_EQ(outcome(), "resolved");
  // An index of this machine.
  const auto lists = directory.path() / "state/apt/state/lists";
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (!file.path().native().ends_with("_InRelease")) continue;
    std::filesystem::remove(file.path());
    std::filesystem::create_symlink("/proc/self/mem", file.path());
  }
  const auto offline = resolve(query({"git"}), true);
  ASSERT_FALSE(offline);
  EXPECT_THAT(describe(offline.error()), StartsWith("base.read"));
  // A keyring.
  std::filesystem::create_directories(machine.keyrings);
  std::filesystem::create_symlink("/proc/self/mem",
                                  machine.keyrings / "debian-archive-keyring.gpg");
  Query declared = query({"git"});
  declared.source.uri = mirror.uri();
  const auto unreadable = resolve(declared);
  ASSERT_FALSE(unreadable);
  EXPECT_THAT(describe(unreadable.error()), StartsWith("base.read"));
}

// libapt keeps the record that it read before, so another package's digest would be locked.
TEST_F(Mirror, ARecordThatCannotBeReadIsNotTheOneBefore) {
  // libapt reads ahead, so what is asked must be far behind what was read.
  for (int i = 0; i < 60; ++i) {
    mirror.add({.name = "filler" + std::to_string(i),
                .fields = "X-Filler: " + std::string(500, 'x') + "\n"});
  }
  mirror.add({.name = "zebra"});
  mirror.publish(key);
  ASSERT_EQ(outcome(), "resolved");
  const Surroundings surroundings;
  ASSERT_TRUE(configure(directory.path() / "state/apt", machine));
  auto opened = Catalogue::open({}, kept);
  ASSERT_TRUE(opened) << describe(opened.error());
  Catalogue& catalogue = **opened;
  ASSERT_TRUE(catalogue.describe(catalogue.candidate("base")));
  const auto lists = directory.path() / "state/apt/state/lists";
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (!file.path().native().ends_with("_Packages")) continue;
    std::string text = tests::read(file.path());
    const std::size_t at = text.find("Package: zebra");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 14, "Package: zebru");
    std::fstream(file.path(), std::ios::in | std::ios::out | std::ios::binary) << text;
  }
  const auto renamed = catalogue.describe(catalogue.candidate("zebra"));
  ASSERT_FALSE(renamed);
  EXPECT_EQ(describe(renamed.error()), "source.bad-record name=zebra 1");
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (file.path().native().ends_with("_Packages")) std::filesystem::resize_file(file.path(), 0);
  }
  EXPECT_FALSE(catalogue.describe(catalogue.candidate("filler30")));
}

TEST(MirrorPath, StaysBelowTheMirror) {
  EXPECT_TRUE(is_mirror_path("pool/main/g/git/git_1.deb"));
  EXPECT_TRUE(is_mirror_path("./git_1.deb"));
  for (const char* path : {"", "/etc/shadow", "../x", "pool/../../x", "a/..", "%2e%2e/x", "a b"}) {
    EXPECT_FALSE(is_mirror_path(path)) << path;
  }
}

}  // namespace
}  // namespace ccci::source::debian
