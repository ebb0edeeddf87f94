// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/sibling.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::environment {
namespace {

using Type = store::Entry::Type;

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
  return status;
}

class SharedFiles : public test::StoreTest {
 protected:
  SharedFiles() : store_(open()) {
    std::filesystem::create_directory(into_);
    directory_ = base::Fd(::open(into_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    using test::directory, test::file, test::symbolic;
    other_ = add(store_, "other", {directory("./usr/"), file("./usr/unlike")});
    package_ = add(store_, "one",
                   {directory("./usr/"), directory("./usr/lib/"), file("./usr/lib/list", list_),
                    symbolic("./usr/lib/link", "list"), symbolic("./usr/away", "lib")});
    sibling_ = link_environment(store_, package_, {other_, package_});
  }

  store::Entry entry(const std::string& path) {
    const auto manifest = store::object_manifest(store_, sibling_);
    const store::Entry* found = manifest->find(path);
    EXPECT_NE(found, nullptr) << path;
    return found == nullptr ? store::Entry{} : *found;
  }

  bool share(Sibling& from, const store::Entry& about, const std::string& content) const {
    return from.share(about, content, {directory_.get(), "made"});
  }
  bool share(const store::Entry& about, const std::string& content) const {
    Sibling from(store_, {other_, package_});
    return share(from, about, content);
  }
  bool made() const {
    std::error_code none;
    return std::filesystem::exists(std::filesystem::symlink_status(into_ / "made", none));
  }
  std::filesystem::path in_sibling(const std::string& path) const {
    return store_.path(sibling_) / "root" / path;
  }

  const std::string list_ = "some\npaths\n";
  std::filesystem::path into_ = scratch() / "into";
  base::Fd directory_;
  store::Store store_;
  store::Address other_;
  store::Address package_;
  store::Address sibling_;
};

TEST_F(SharedFiles, AnEqualFileGetsAnotherName) {
  ASSERT_TRUE(share(entry("usr/lib/list"), list_));
  EXPECT_EQ(status_of(into_ / "made").st_ino, status_of(in_sibling("usr/lib/list")).st_ino);
}

TEST_F(SharedFiles, AnEqualLinkGetsAnotherName) {
  ASSERT_TRUE(share(entry("usr/lib/link"), ""));
  EXPECT_EQ(status_of(into_ / "made").st_ino, status_of(in_sibling("usr/lib/link")).st_ino);
}

TEST_F(SharedFiles, WhatDiffersIsNotShared) {
  const auto differs = [&](auto change) {
    store::Entry about = entry("usr/lib/list");
    std::string content = list_;
    change(about, content);
    EXPECT_FALSE(share(about, content));
    EXPECT_FALSE(made());
  };
  differs([](store::Entry&, std::string& content) { content = "same\npaths\n"; });
  differs([](store::Entry&, std::string& content) { content += "/more\n"; });
  differs([](store::Entry& about, std::string&) { about.time += 1; });
  differs([](store::Entry& about, std::string&) { about.executable = true; });
  differs([](store::Entry& about, std::string&) { about.path = "usr/lib/none"; });
  differs([](store::Entry& about, std::string& content) {
    about.type = Type::link;
    about.target = "list";
    content.clear();
  });
  store::Entry link = entry("usr/lib/link");
  link.target = "tsil";
  EXPECT_FALSE(share(link, ""));
  EXPECT_FALSE(made());
}

// Otherwise one damaged disk block would be in every later environment, too.
TEST_F(SharedFiles, ADamagedFileIsNotShared) {
  const store::Entry about = entry("usr/lib/list");
  const std::filesystem::path file = in_sibling("usr/lib/list");
  const struct timespec times[2] = {{about.time, 0}, {about.time, 0}};
  const base::Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(pwrite(fd.get(), "S", 1, 0), 1);
  ASSERT_EQ(futimens(fd.get(), times), 0);
  EXPECT_FALSE(share(about, list_));
  EXPECT_FALSE(made());
}

TEST_F(SharedFiles, NoLinkIsFollowedToAFile) {
  store::Entry about = entry("usr/lib/list");
  about.path = "usr/away/list";
  EXPECT_FALSE(share(about, list_));
}

TEST_F(SharedFiles, ATakenNameStays) {
  std::filesystem::create_directory(into_ / "made");
  EXPECT_FALSE(share(entry("usr/lib/list"), list_));
  EXPECT_TRUE(std::filesystem::is_directory(into_ / "made"));
}

TEST_F(SharedFiles, TheEnvironmentWithMostPackagesInCommonGives) {
  link_environment(store_, other_, {other_});
  ASSERT_TRUE(share(entry("usr/lib/list"), list_));
  std::filesystem::remove(into_ / "made");
  Sibling none(store_, {});
  EXPECT_FALSE(share(none, entry("usr/lib/list"), list_)) << "it has nothing in common";
}

}  // namespace
}  // namespace ccci::environment
