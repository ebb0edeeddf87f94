// SPDX-License-Identifier: GPL-3.0-or-later
#include "git/repository.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch.hpp"

namespace ccci::git {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Origins : public testing::Test {
 protected:
  void run(std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "user.name=t", "-c", "user.email=t@example.org"});
    ASSERT_TRUE(output(base::real_processes(), command(top_, words)));
  }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((top_ / name).parent_path());
    std::ofstream(top_ / name) << text;
  }

  test::Scratch scratch_;
  fs::path top_ = scratch_.path();
};

TEST_F(Origins, OutsideOfARepositoryNothingIsKnown) {
  EXPECT_EQ(origin(top_, base::real_processes()).commit, "");
  EXPECT_THAT(tracked_files(top_, base::real_processes()).value(), IsEmpty());
}

TEST_F(Origins, NamesTheCommitAndSaysWhetherFilesDiffer) {
  run({"init", "-q"});
  EXPECT_EQ(origin(top_, base::real_processes()).commit, "");  // no commit yet
  write("a b", "1");
  write("sub/c", "1");
  write("untracked", "1");
  run({"add", "a b", "sub/c"});
  run({"commit", "-qm", "one"});
  EXPECT_EQ(origin(top_, base::real_processes()).commit.size(), 40U);
  EXPECT_TRUE(origin(top_, base::real_processes()).dirty);
  fs::remove(top_ / "untracked");
  EXPECT_FALSE(origin(top_, base::real_processes()).dirty);
  EXPECT_THAT(tracked_files(top_, base::real_processes()).value(), ElementsAre("a b", "sub/c"));
  EXPECT_THAT(tracked_files(top_ / "sub", base::real_processes()).value(), ElementsAre("c"));
}

TEST(Program, TheActiveEnvironmentsGitIsUsedIfTheHostHasNone) {
  const test::Scratch host;
  const auto put = [&](const std::string& path) {
    std::filesystem::create_directories((host / path).parent_path());
    test::write_text(host / path, "#!/bin/sh\n");
    std::filesystem::permissions(host / path, std::filesystem::perms::owner_all);
  };
  EXPECT_EQ(program("/usr/sbin:/usr/bin", host.path()), "git");
  put("usr/local/lib/cc-ci/current/bin/git");
  EXPECT_EQ(program("/usr/sbin:/usr/bin", host.path()), "/usr/local/lib/cc-ci/current/bin/git");
  put("usr/bin/git");
  EXPECT_EQ(program("/usr/sbin:/usr/bin", host.path()), "git");
}

}  // namespace
}  // namespace ccci::git
