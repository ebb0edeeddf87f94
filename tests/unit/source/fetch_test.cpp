// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/source/archive_fixture.hpp"

namespace ccci::source::debian {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Fetch : public ArchiveTest {
 protected:
  Fetch() {
    mirror.add({.name = "git", .fields = "Depends: libc\n", .content = std::string(50000, 'g')});
    mirror.add({.name = "libc"});
    mirror.publish(key);
    auto resolved = resolve(query({"git"}));
    EXPECT_TRUE(resolved) << describe(resolved.error());
    answer = std::move(resolved).value();
  }

  std::string outcome(bool offline = false) {
    const auto fetched = fetch(answer, offline);
    return fetched ? "fetched" : describe(fetched.error());
  }

  std::vector<std::string> in_kept() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(kept)) {
      names.push_back(file.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Answer answer;
};

TEST_F(Fetch, KeepsEveryFileUnderItsDigestAndNothingElse) {
  EXPECT_EQ(outcome(), "fetched");
  std::vector<std::string> expected;
  for (const Package& package : answer.packages) {
    expected.push_back(package.sha256 + ".deb");
    EXPECT_EQ(base::sha256(tests::read(kept_path(kept, package))).hex(), package.sha256);
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(in_kept(), expected);
}

TEST_F(Fetch, WhatIsKeptNeedsNoMirror) {
  ASSERT_EQ(outcome(), "fetched");
  std::filesystem::remove_all(directory.path() / "mirror");
  EXPECT_EQ(outcome(), "fetched");
  EXPECT_EQ(outcome(true), "fetched");
}

TEST_F(Fetch, OfflineNamesWhatIsNotKept) {
  const Package& git = find(answer, "git");
  ASSERT_EQ(outcome(), "fetched");
  std::filesystem::remove(kept_path(kept, git));
  EXPECT_EQ(outcome(true), "source.offline name=git 1 path=" + kept_path(kept, git).native());
}

TEST_F(Fetch, OfflineCountsManyMissingFilesInOneError) {
  EXPECT_EQ(outcome(true),
            "source.offline-files count=3 names=base 1, git 1, libc 1 path=" + kept.native());
}

TEST_F(Fetch, AChangedFileIsRefusedAndTheOthersAreKept) {
  tests::flip_byte(mirror.pool("git", "1"), 30000);
  EXPECT_THAT(outcome(), AllOf(StartsWith("source.mismatch name=git 1 expected=sha256 " +
                                          find(answer, "git").sha256),
                               HasSubstr("uri=" + mirror.uri())));
  EXPECT_EQ(in_kept().size(), 2U);
}

TEST_F(Fetch, ATruncatedFileIsRefused) {
  std::filesystem::resize_file(mirror.pool("git", "1"), 30000);
  EXPECT_THAT(outcome(), StartsWith("source.mismatch name=git 1"));
  EXPECT_EQ(in_kept().size(), 2U);
}

TEST_F(Fetch, ALongerFileIsRefused) {
  tests::write(mirror.pool("git", "1"), tests::read(mirror.pool("git", "1")) + "more");
  EXPECT_THAT(outcome(), StartsWith("source.mismatch name=git 1"));
}

TEST_F(Fetch, EverythingThatIsGoneIsNamedAtOnceWithWhatToDo) {
  mirror.drop("git", "1");
  mirror.drop("libc", "1");
  mirror.publish(key);
  const Package& git = find(answer, "git");
  const Package& libc = find(answer, "libc");
  const auto fetched = fetch(answer);
  ASSERT_FALSE(fetched);
  ASSERT_EQ(fetched.error().also.size(), 1U) << describe(fetched.error());
  EXPECT_EQ(describe(fetched.error()),
            "source.gone name=git 1 package=git sha256=" + git.sha256 + " uri=" + mirror.uri() +
                git.uri + " path=" + kept_path(kept, git).native() +
                " suite=stable\nsource.gone name=libc 1 package=libc sha256=" + libc.sha256 +
                " uri=" + mirror.uri() + libc.uri + " path=" + kept_path(kept, libc).native() +
                " suite=stable");
}

// A lock from a machine whose apt has a second mirror, with a security update of git.
class FetchOfAnUpdate : public Fetch {
 protected:
  FetchOfAnUpdate() {
    security.add({.name = "git", .version = "2", .fields = "Depends: libc\n"});
    security.publish(key);
    sources(own + "deb [signed-by=" + key.keyring() + "] " + security.uri() +
            " stable-security main\n");
    auto resolved = resolve(query({"git"}));
    EXPECT_TRUE(resolved) << describe(resolved.error());
    answer = std::move(resolved).value();
    EXPECT_EQ(find(answer, "git").version, "2");
  }

  std::string outcome(const std::vector<Release>& locked) {
    const auto fetched = archive().fetch(answer.packages, {{}, {}, locked}, base::silent());
    return fetched ? "fetched" : describe(fetched.error());
  }

  const std::string own =
      "deb [signed-by=" + key.keyring() + "] " + mirror.uri() + " stable main\n";
  tests::DebianMirror security{directory.path() / "security", "stable-security"};
};

TEST_F(FetchOfAnUpdate, TheMirrorOfTheLockHasWhatTheMachinesAptHasNoEntryFor) {
  sources(own);
  EXPECT_EQ(outcome(answer.releases), "fetched");
}

TEST_F(FetchOfAnUpdate, AMachineWithoutAptEntriesFetchesFromTheMirrorsOfTheLock) {
  sources("");
  EXPECT_EQ(outcome(answer.releases), "fetched");
}

// Adding or updating one tool moves no other, also where neither apt nor the state has the versions
// of the others.
TEST_F(FetchOfAnUpdate, AResolutionFetchesTheLockedVersionsThatNoIndexHas) {
  mirror.add({.name = "jq"});
  mirror.publish(key);
  sources(own);
  Query asked = query({"git", "jq"});
  asked.keep = answer.packages;
  asked.releases = answer.releases;
  auto after = resolve(asked, true);
  ASSERT_FALSE(after) << "the index here does not have jq yet";
  after = resolve(asked);
  ASSERT_TRUE(after) << describe(after.error());
  EXPECT_EQ(find(*after, "git"), find(answer, "git"));
  EXPECT_THAT(after->lost, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(kept_path(kept, find(answer, "git"))));
}

TEST_F(FetchOfAnUpdate, AResolutionNamesWhatMovesForWantOfTheLockedVersion) {
  sources(own);
  std::filesystem::remove(security.pool("git", "2"));
  Query asked = query({"git"});
  asked.keep = answer.packages;
  asked.releases = answer.releases;
  asked.update = {"libc"};
  const auto after = resolve(asked);
  ASSERT_TRUE(after) << describe(after.error());
  EXPECT_EQ(find(*after, "git").version, "1");
  EXPECT_THAT(after->lost, ElementsAre("git"));
}

TEST_F(FetchOfAnUpdate, AConflictNamesTheSuiteThatNoIndexIsOf) {
  mirror.add({.name = "git-dev", .fields = "Depends: git (= 1)\n"});
  mirror.publish(key);
  sources(own);
  Query asked = query({"git", "git-dev"});
  asked.keep = answer.packages;
  asked.releases = answer.releases;
  const auto after = resolve(asked);
  ASSERT_FALSE(after);
  EXPECT_THAT(describe(after.error()),
              AllOf(StartsWith("source.conflict"), HasSubstr(" suite=stable-security")));
}

TEST_F(FetchOfAnUpdate, WithoutALockTheMissingEntryIsTheCause) {
  sources("");
  EXPECT_THAT(outcome({}), StartsWith("source.no-entry suite=stable"));
}

TEST_F(FetchOfAnUpdate, EveryAddressThatWasAskedIsNamed) {
  const Package& git = find(answer, "git");
  std::filesystem::remove(security.pool("git", "2"));
  sources(own);
  EXPECT_EQ(outcome(answer.releases), "source.gone name=git 2 package=git sha256=" + git.sha256 +
                                          " uri=" + mirror.uri() + git.uri + ", " + security.uri() +
                                          git.uri + " path=" + kept_path(kept, git).native() +
                                          " suite=stable-security");
}

TEST_F(FetchOfAnUpdate, AMirrorOfTheLockThatIsGoneHidesNoFileThatMoved) {
  mirror.add({.name = "git", .version = "2", .fields = "Depends: libc\n"});
  std::filesystem::rename(security.pool("git", "2"), mirror.pool("git", "2"));
  std::filesystem::remove_all(directory.path() / "security");
  mirror.publish(key);
  for (Package& package : answer.packages) {
    if (package.name == "git") package.uri = "pool/updates/" + package.uri;
  }
  sources(own);
  EXPECT_EQ(outcome(answer.releases), "fetched");
}

TEST_F(FetchOfAnUpdate, AnotherFileAtTheMirrorOfTheLockIsRefused) {
  tests::write(security.pool("git", "2"), "something else");
  sources(own);
  EXPECT_THAT(outcome(answer.releases), StartsWith("source.gone name=git 2"));
  EXPECT_THAT(in_kept(), testing::Not(testing::Contains(find(answer, "git").sha256 + ".deb")));
}

TEST_F(Fetch, AFileThatMovedOnTheMirrorIsFoundByItsDigest) {
  for (Package& package : answer.packages) package.uri = "pool/updates/" + package.uri;
  EXPECT_EQ(outcome(), "fetched");
}

TEST_F(Fetch, AnotherMirrorOfTheMachineServesWhatTheFirstLacks) {
  std::filesystem::copy(directory.path() / "mirror", directory.path() / "other",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove(mirror.pool("git", "1"));
  const tests::DebianMirror other(directory.path() / "other");
  sources("deb [signed-by=" + key.keyring() + "] " + mirror.uri() + " stable main\n" +
          "deb [signed-by=" + key.keyring() + "] " + other.uri() + " stable main\n");
  EXPECT_EQ(outcome(), "fetched");
}

TEST_F(Fetch, ADamagedKeptFileIsReplaced) {
  ASSERT_EQ(outcome(), "fetched");
  const std::filesystem::path file = kept_path(kept, find(answer, "git"));
  std::filesystem::resize_file(file, 100);
  EXPECT_EQ(outcome(), "fetched");
  EXPECT_EQ(base::sha256(tests::read(file)).hex(), find(answer, "git").sha256);
}

// Fails at the numbered call, as a dying disk or a killed process would.
class FailingDisk : public base::Disk {
 public:
  explicit FailingDisk(int at) : at_(at) {}
  base::Result<void> sync(int fd) override { return next() ? Disk::sync(fd) : broken(); }
  base::Result<void> rename_over(int from_dir, const std::string& from, int to_dir,
                                 const std::string& to) override {
    return next() ? Disk::rename_over(from_dir, from, to_dir, to) : broken();
  }

 private:
  bool next() { return at_-- != 0; }
  static base::Result<void> broken() {
    return base::unexpected(base::fail("base.sync").with_errno(EIO));
  }
  int at_;
};

TEST_F(Fetch, AFileIsKeptOnlyOnceItIsDurable) {
  const Package& git = find(answer, "git");
  const Arrival arrival{.file = mirror.pool("git", "1"),
                        .name = "git 1",
                        .origin = Origin::debian,
                        .sha256 = git.sha256,
                        .size = git.size};
  for (int call = 0; call < 2; ++call) {
    FailingDisk disk(call);
    EXPECT_FALSE(keep(kept, arrival, disk));
    EXPECT_THAT(in_kept(), ElementsAre()) << "call " << call;
  }
  FailingDisk last(2);
  EXPECT_FALSE(keep(kept, arrival, last)) << "the directory was not synced";
  EXPECT_TRUE(keep(kept, arrival));
  EXPECT_THAT(in_kept(), ElementsAre(git.sha256 + ".deb"));
}

TEST_F(Fetch, AWrongSizeInTheLockIsToldAsASize) {
  for (Package& package : answer.packages) {
    if (package.name == "git") package.size += 1;
  }
  const std::string told = outcome();
  EXPECT_THAT(told, StartsWith("source.mismatch name=git 1 expected="));
  EXPECT_THAT(told, testing::Not(HasSubstr("expected=sha256 " + find(answer, "git").sha256 +
                                           " found=sha256 " + find(answer, "git").sha256)));
}

}  // namespace
}  // namespace ccci::source::debian
