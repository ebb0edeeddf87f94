// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "source/archive/archive.hpp"
#include "source/kept.hpp"
#include "tests/support/debian_mirror.hpp"
#include "tests/unit/source/slow_server.hpp"

namespace ccci::source::archive {
namespace {

using testing::HasSubstr;
using testing::Not;

class Pinned : public testing::Test {
 protected:
  Pinned() { tests::write(file, content); }

  static declare::PackageRule rule(const declare::PinnedArchive& archive) {
    return {.name = {"abra", {}}, .from = archive, .commands = {}};
  }
  declare::PackageRule by_file() const {
    return rule({.url = {}, .file = "vendor/abra 1.tar", .sha256 = digest});
  }
  declare::PackageRule by_url() const {
    return rule({.url = "file://" + file.native(), .file = {}, .sha256 = digest});
  }

  base::Result<void> fetch_it(const declare::PackageRule& rule, const Options& options = {}) {
    return fetch(rule, directory.path() / "declared", kept, base::silent(), options);
  }

  std::size_t files_kept() const {
    const std::filesystem::directory_iterator all(kept);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  tests::Directory directory;
  std::filesystem::path kept = directory.path() / "state/archives";
  std::filesystem::path file = directory.path() / "declared/vendor/abra 1.tar";
  std::string content = std::string(300000, 'a');
  std::string digest = base::sha256(content).hex();
};

TEST_F(Pinned, IsDescribedByItsDigest) {
  const auto package = describe(by_file());
  ASSERT_TRUE(package);
  EXPECT_EQ(package->name, "abra");
  EXPECT_EQ(package->version, digest.substr(0, 12));
  EXPECT_EQ(package->uri, "vendor/abra 1.tar");
  EXPECT_EQ(package->origin, Origin::archive);
  const auto secret =
      describe(rule({.url = "https://me:geheim@example.org/a", .file = {}, .sha256 = digest}));
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->uri, "https://example.org/a");
}

TEST_F(Pinned, IsKeptFromAFileAndFromAUrl) {
  for (const auto& rule : {by_file(), by_url()}) {
    const auto fetched = fetch_it(rule);
    ASSERT_TRUE(fetched) << fetched.error().code << fetched.error().field("cause");
    EXPECT_EQ(tests::read(kept / (digest + ".archive")), content);
    EXPECT_EQ(files_kept(), 1U);
    std::filesystem::remove_all(kept);
  }
}

TEST_F(Pinned, WhatIsKeptIsNotFetchedAgain) {
  ASSERT_TRUE(fetch_it(by_url()));
  std::filesystem::remove(file);
  EXPECT_TRUE(fetch_it(by_url(), {.root = {}, .offline = true}));
  EXPECT_TRUE(fetch_it(by_file()));
}

TEST_F(Pinned, AFileNeedsNoNetworkHoweverItIsNamed) {
  std::string escaped = "file://" + file.native();
  escaped.replace(escaped.find(' '), 1, "%20");
  for (const auto& archive :
       {by_file(), by_url(), rule({.url = escaped, .file = {}, .sha256 = digest})}) {
    const auto fetched = fetch_it(archive, {.root = {}, .offline = true});
    EXPECT_TRUE(fetched) << fetched.error().code << fetched.error().field("cause");
    std::filesystem::remove_all(kept);
  }
}

TEST_F(Pinned, WhatIsKeptAndDamagedIsFetchedAgain) {
  ASSERT_TRUE(fetch_it(by_file()));
  tests::flip_byte(kept / (digest + ".archive"), 1000);
  ASSERT_TRUE(fetch_it(by_file()));
  EXPECT_EQ(tests::read(kept / (digest + ".archive")), content);
}

TEST_F(Pinned, OtherContentIsRefusedWithBothDigests) {
  tests::flip_byte(file, 1000);
  const std::string found = base::sha256(tests::read(file)).hex();
  for (const auto& rule : {by_file(), by_url()}) {
    const auto fetched = fetch_it(rule);
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, "source.pin-mismatch");
    EXPECT_EQ(fetched.error().field("name"), "abra");
    EXPECT_EQ(fetched.error().field("expected"), digest);
    EXPECT_EQ(fetched.error().field("found"), found);
    EXPECT_EQ(files_kept(), 0U);
  }
}

TEST_F(Pinned, NeverTakesMoreThanItsLimit) {
  for (const auto& rule : {by_file(), by_url()}) {
    const auto fetched = fetch_it(rule, {.root = {}, .offline = false, .limit = 200000});
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, "source.too-large");
    EXPECT_EQ(fetched.error().field("limit"), "200000");
    EXPECT_EQ(files_kept(), 0U);
  }
}

TEST_F(Pinned, WhatIsNotThereIsNamedWithoutItsPassword) {
  std::filesystem::remove(file);
  EXPECT_EQ(fetch_it(by_file()).error().code, "base.open");
  EXPECT_EQ(fetch_it(by_url()).error().code, "base.open");
  const auto remote = rule({.url = "http://127.0.0.1:9/abra", .file = {}, .sha256 = digest});
  EXPECT_EQ(fetch_it(remote, {.root = {}, .offline = true}).error().code, "source.offline");
  const auto fetched =
      fetch_it(rule({.url = "http://me:geheim@127.0.0.1:9/abra", .file = {}, .sha256 = digest}));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, "source.pin-unreachable");
  for (const base::Field& field : fetched.error().fields) {
    EXPECT_THAT(field.value, Not(HasSubstr("geheim"))) << field.name;
  }
}

TEST_F(Pinned, ASilentServerIsToldAsOne) {
  const tests::SlowServer server(0);
  const auto silent = rule({.url = server.uri() + "abra", .file = {}, .sha256 = digest});
  const auto fetched = fetch_it(silent, {.root = {}, .patience = std::chrono::milliseconds(600)});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, "source.silent");
  EXPECT_EQ(fetched.error().field("uri"), server.uri() + "abra");
  EXPECT_FALSE(fetched.error().field("time").empty());
}

TEST_F(Pinned, APipeIsNoArchive) {
  std::filesystem::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0644), 0);
  EXPECT_EQ(fetch_it(by_file()).error().code, "source.not-a-file");
}

}  // namespace
}  // namespace ccci::source::archive
