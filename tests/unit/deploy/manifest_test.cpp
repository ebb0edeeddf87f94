// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/manifest.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/hash.hpp"

namespace ccci::deploy {
namespace {

ProjectEntry file(std::string_view content, bool executable = false) {
  return {executable, content.size(), base::sha256(content).hex(), ""};
}
ProjectEntry link(std::string_view target) { return {false, 0, "", std::string(target)}; }

std::string code(const base::Result<ProjectManifest>& result) {
  return result ? "" : result.error().code;
}

TEST(Manifest, ComesBackAsItWas) {
  const auto made = ProjectManifest::of({{"cc-ci.toml", file("x")},
                                         {"a b\n\xc3\xa4\\", file("", true)},
                                         {"scripts/run", link("../tests/run it")},
                                         {"scripts/deep/er", link("../../cc-ci.toml")}});
  ASSERT_TRUE(made);
  const auto read = ProjectManifest::read(made->text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->entries(), made->entries());
  EXPECT_EQ(read->hash(), made->hash());
  EXPECT_EQ(read->bytes(), 1U);
  EXPECT_TRUE(is_project_hash(read->hash()));
}

TEST(Manifest, PathsStayInsideTheProject) {
  const std::string deep = [] {
    std::string path = "d";
    for (int i = 0; i < 64; ++i) path += "/d";
    return path;
  }();
  for (const std::string& path :
       {std::string("/etc/passwd"), std::string("../x"), std::string("a/../x"), std::string("."),
        std::string("a/./b"), std::string("a//b"), std::string("a/"), std::string(""),
        std::string("a\0b", 3), deep, std::string(256, 'n'), std::string(5000, 'n')}) {
    EXPECT_EQ(code(ProjectManifest::of({{path, file("x")}})), "deploy.project-entry") << path;
  }
}

TEST(Manifest, NothingLiesBelowAFileOrALink) {
  EXPECT_EQ(code(ProjectManifest::of({{"a", file("x")}, {"a/b", file("x")}})),
            "deploy.project-entry");
  EXPECT_EQ(code(ProjectManifest::of({{"a", link("b")}, {"a/b/c", file("x")}})),
            "deploy.project-entry");
  // '-' sorts before '/', so the file and what lies below it need not stand side by side.
  EXPECT_EQ(code(ProjectManifest::of({{"a", link("b")}, {"a-b", file("x")}, {"a/b", file("x")}})),
            "deploy.project-entry");
}

TEST(Manifest, LinksStayInsideTheProject) {
  for (const char* target : {"/etc/passwd", "..", "../x", "./../x", "b/../../x", "b/..", "//x"}) {
    EXPECT_EQ(code(ProjectManifest::of({{"a", link(target)}})), "deploy.project-entry") << target;
  }
  EXPECT_EQ(code(ProjectManifest::of({{"d/a", link("../../x")}})), "deploy.project-entry");
  // l leads to the top, where a second '..' would climb out.
  EXPECT_EQ(code(ProjectManifest::of({{"l", link(".")}, {"m", link("l/l/../../x")}})),
            "deploy.project-entry");
  for (const char* target : {"b", "./b", "b/c", "gone"}) {
    EXPECT_EQ(code(ProjectManifest::of({{"a", link(target)}})), "") << target;
  }
  EXPECT_EQ(code(ProjectManifest::of({{"d/e/a", link("../../x")}})), "");
}

TEST(Manifest, SizeAndNumberAreBounded) {
  ProjectEntry large = file("x");
  large.size = most_project_bytes;
  EXPECT_EQ(code(ProjectManifest::of({{"a", large}})), "");
  EXPECT_EQ(code(ProjectManifest::of({{"a", large}, {"b", file("x")}})), "deploy.project-large");
  large.size = UINT64_MAX;
  EXPECT_EQ(code(ProjectManifest::of({{"a", file("x")}, {"b", large}})), "deploy.project-large");
  std::string text = "cc-ci-project 1\n";
  for (std::size_t i = 0; i <= most_project_entries; ++i) text += "\n";
  EXPECT_EQ(code(ProjectManifest::read(text)), "deploy.project-large");
}

TEST(Manifest, TooManyLinesTakeNoMemory) {
  const std::string text = "cc-ci-project 1\n" + std::string(16U << 20U, '\n');
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  const long before = peak();
  EXPECT_EQ(code(ProjectManifest::read(text)), "deploy.project-large");
  EXPECT_LT(peak() - before, 64 << 10);
}

TEST(Manifest, OnlyItsOwnSpellingIsRead) {
  const std::string digest(64, 'a');
  const std::string good = "cc-ci-project 1\nfile 644 1 " + digest + " a\nlink b c\n";
  ASSERT_EQ(code(ProjectManifest::read(good)), "");
  for (const std::string& bad :
       {std::string(), std::string("cc-ci-project 1"), std::string("cc-ci-project 2\n"),
        good.substr(0, good.size() - 1), good + "\n", good + "link b c\n", good + "link a c\n",
        "cc-ci-project 1\nlink b c\nfile 644 1 " + digest + " a\n",
        "cc-ci-project 1\nfile 4755 1 " + digest + " a\n",
        "cc-ci-project 1\nfile 644 01 " + digest + " a\n",
        "cc-ci-project 1\nfile 644 -1 " + digest + " a\n",
        "cc-ci-project 1\nfile 644 1 " + digest.substr(1) + " a\n",
        "cc-ci-project 1\nfile 644 1 " + std::string(64, 'A') + " a\n",
        "cc-ci-project 1\nfile 644 1 " + digest + " \\x61\n",
        std::string("cc-ci-project 1\nlink a \n"), std::string("cc-ci-project 1\nfifo a b\n"),
        "cc-ci-project 1\nfile 644 1 " + digest + " a b\n"}) {
    EXPECT_EQ(code(ProjectManifest::read(bad)), "deploy.message") << bad;
  }
}

}  // namespace
}  // namespace ccci::deploy
