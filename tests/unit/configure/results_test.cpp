// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/results.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "tests/support/parts.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::configure {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(Results, SecretsAndIdentitiesNeverEnter) {
  EXPECT_EQ(refusal("etc/ssl/private/key.pem", false, false),
            "a secret: not readable by every user");
  EXPECT_EQ(refusal("etc/machine-id", true, false), "the host's");
  EXPECT_EQ(refusal("etc/passwd", true, false), "accounts are the host's");
  EXPECT_EQ(refusal("etc/passwd", true, true), "");
  EXPECT_EQ(refusal("etc/gnuplot/x", true, false), "");
}

TEST(Results, WhatDiffersFromRunToRunIsLeftOut) {
  EXPECT_NE(refusal("var/log/dpkg.log", true, false), "");
  EXPECT_NE(refusal("usr/share/emacs/x/Install.log.gz", true, false), "");
  EXPECT_NE(refusal("etc/.git", true, false), "");
  EXPECT_NE(refusal("etc/.git/index", true, false), "");
  EXPECT_EQ(refusal("etc/.gitignore", true, false), "");
  EXPECT_NE(refusal("usr/lib/mono/aot-cache/amd64/x.so", true, false), "");
  EXPECT_NE(refusal("var/lib/texmf/web2c/tex.log", true, false), "");
  EXPECT_NE(refusal("usr/lib/python3/__pycache__/x.pyc", true, false), "");
  EXPECT_NE(refusal("var/cache/ldconfig/aux-cache", true, false), "");
  EXPECT_EQ(refusal("var/lib/texmf/web2c/tex.fmt", true, false), "");
  EXPECT_NE(refusal("var/lib/dpkg/status", true, false), "");
  EXPECT_NE(refusal("var/lib/shells.state", true, false), "") << "each place costs a mount";
  EXPECT_EQ(refusal("var/lib/dpkg/alternatives/awk", true, false), "");
}

TEST(Results, JavasStoreIsThatOfAllCertificates) {
  EXPECT_EQ(refusal("etc/ssl/certs/java/cacerts", true, false), "made by cc-ci itself");
  EXPECT_EQ(refusal("etc/ssl/certs/other", true, false), "");
}

class HarvestTest : public testing::Test {
 protected:
  HarvestTest() {
    fs::create_directory(scratch_.path() / "root");
    fs::create_directory(scratch_.path() / "upper");
  }

  void write(const std::string& path, const std::string& content) {
    fs::create_directories((scratch_.path() / "upper" / path).parent_path());
    ASSERT_TRUE(base::replace_file(scratch_.path() / "upper" / path, content));
  }

  base::Result<Results> harvested(const store::Manifest& before, std::string_view only = {}) {
    const auto directory = base::open_path(scratch_.path(), O_RDONLY | O_DIRECTORY);
    EXPECT_TRUE(directory);
    const auto upper = base::open_path(scratch_.path() / "upper", O_RDONLY | O_DIRECTORY);
    EXPECT_TRUE(upper);
    return harvest({.upper = upper->get(),
                    .directory = directory->get(),
                    .before = before,
                    .epoch = 1700000000,
                    .accounts = false,
                    .only = only});
  }

  test::Scratch scratch_;
};

TEST_F(HarvestTest, MayTakeOnlyWhatLiesBelowADirectoryOfItsOwn) {
  write("usr/lib/cc-ci/npm/node_modules/x/made", "made");
  write("usr/lib/cc-ci/npm/node_modules/x/run.log", "log");
  write("usr/lib/cc-ci/npmrc", "other");
  write("usr/bin/intruder", "other");
  write("var/lib/new", "other");
  const auto results = harvested({}, "usr/lib/cc-ci/npm");
  ASSERT_TRUE(results) << results.error().code;
  std::vector<std::string> files;
  for (const store::Entry& entry : results->tree.manifest.entries) {
    if (entry.type == store::Entry::Type::file) files.push_back(entry.path);
  }
  EXPECT_THAT(files, ElementsAre("usr/lib/cc-ci/npm/node_modules/x/made"));
}

TEST_F(HarvestTest, KeepsNewAndChangedFilesAndLinks) {
  const store::Manifest before = test::manifest({"etc/same", "etc/changed", "usr/bin/x*"});
  write("etc/same", "etc/same");  // test::manifest: the content is the path
  write("etc/changed", "other");
  write("var/lib/new/file", "new");
  write("var/log/x.log", "log");
  fs::create_symlink("/usr/bin/x", scratch_.path() / "upper/etc/link");
  const auto results = harvested(before);
  ASSERT_TRUE(results) << results.error().code;
  std::vector<std::string> paths;
  for (const store::Entry& entry : results->tree.manifest.entries) {
    if (entry.type != store::Entry::Type::directory) paths.push_back(entry.path);
  }
  EXPECT_THAT(paths, ElementsAre("etc/changed", "etc/link", "var/lib/new/file"));
  struct stat status {};
  ASSERT_EQ(stat((scratch_.path() / "root/var/lib/new/file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 1700000000);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  EXPECT_THAT(results->left_out, ElementsAre(LeftOut{"var/log", "a log"}));
}

TEST_F(HarvestTest, NamesDatabasesWithIdsOfTheirOwn) {
  write("etc/aliases.db", std::string(12, '\0') + std::string("\x61\x15\x06\x00", 4) + "rest");
  write("etc/other.db", std::string(12, '\0') + "text");
  const auto results = harvested({});
  ASSERT_TRUE(results) << results.error().code;
  EXPECT_EQ(results->tree.manifest.entries.back().path, "etc/other.db");
  EXPECT_THAT(results->left_out, ElementsAre(LeftOut{"etc/aliases.db", "differs from run to run"}));
}

TEST_F(HarvestTest, WritesFilesInOneOrderOnly) {
  const std::string text = "[filter \"lfs\"]\n\trequired = true\n\tclean = git-lfs clean\n";
  const std::string normal = "[filter \"lfs\"]\n\tclean = git-lfs clean\n\trequired = true\n";
  write("etc/gitconfig", text);
  const auto results = harvested({});
  ASSERT_TRUE(results) << results.error().code;
  EXPECT_THAT(results->normalised, ElementsAre("etc/gitconfig"));
  const store::Entry& entry = results->tree.manifest.entries.back();
  EXPECT_EQ(entry.path, "etc/gitconfig");
  EXPECT_EQ(entry.content, base::sha256(normal));
  EXPECT_EQ(entry.size, normal.size());
  EXPECT_EQ(base::read_file(scratch_.path() / "root/etc/gitconfig", 1000).value(), normal);
  struct stat status {};
  ASSERT_EQ(stat((scratch_.path() / "root/etc/gitconfig").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 1700000000);
}

TEST_F(HarvestTest, NamesWhatWasRemovedAndWhatIsSecret) {
  write("etc/key", "secret");
  fs::permissions(scratch_.path() / "upper/etc/key", fs::perms::owner_read);
  const bool may = mknod((scratch_.path() / "upper/etc/gone").c_str(), S_IFCHR, 0) == 0;
  const auto results = harvested(test::manifest({"etc/gone", "etc/stays"}));
  ASSERT_TRUE(results);
  EXPECT_THAT(results->left_out,
              ElementsAre(LeftOut{"etc/key", "a secret: not readable by every user"}));
  if (may) {
    EXPECT_THAT(results->removed, ElementsAre("etc/gone"));
  }
}

}  // namespace
}  // namespace ccci::configure
