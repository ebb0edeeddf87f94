// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/project_edit.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <map>
#include <string>

#include "base/hash.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::learn {
namespace {

namespace fs = std::filesystem;

// The command that learn watched may have put anything in the place of a program that it ran.
TEST(ProjectEdit, OnlyARegularFileHasADigest) {
  const test::Scratch scratch;
  const fs::path file = scratch / "program";
  std::vector<Outside> programs(1);
  programs[0].path = file.native();
  test::write_text(file, "text");
  add_digests(programs);
  EXPECT_EQ(programs[0].sha256, base::sha256("text").hex());
  programs[0].sha256.clear();
  fs::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0700), 0);
  add_digests(programs);
  EXPECT_EQ(programs[0].sha256, "");
  fs::remove(file);
  fs::create_symlink("/dev/zero", file);
  add_digests(programs);
  EXPECT_EQ(programs[0].sha256, "");
  fs::remove(file);
  test::write_text(file, "");
  fs::resize_file(file, 1ULL << 40U);
  add_digests(programs);
  EXPECT_EQ(programs[0].sha256, "");
}

TEST(ProjectEdit, TheDescriptionOfNpmIsAFileOfTheProject) {
  const test::Scratch scratch;
  const fs::path project = scratch / "project";
  fs::create_directories(project / ".git");
  const auto named = [&] {
    Findings findings;
    findings.missing.push_back({.command = "tsc", .package = {}, .why = {}});
    name_packages_of_npm(findings, project);
    return findings.missing[0].package;
  };
  test::write_text(scratch / "package.json", R"({"dependencies":{"tsc":"1"}})");
  fs::create_symlink("../package.json", project / "package.json");
  EXPECT_EQ(named(), "");
  fs::remove(project / "package.json");
  fs::copy_file(scratch / "package.json", project / "package.json");
  EXPECT_EQ(named(), "npm:tsc");
  // What does not come from the registry may have a stranger's name there.
  for (const auto& [wanted, package] :
       std::map<std::string, std::string>{{"file:../tsc", ""},
                                          {"git+ssh://git@git.example.org/tsc.git", ""},
                                          {"workspace:*", ""},
                                          {"owner/tsc", ""},
                                          {"npm:@company/compiler@^2", "npm:@company/compiler"},
                                          {">=1 <2 || ~3", "npm:tsc"}}) {
    test::write_text(project / "package.json", R"({"devDependencies":{"tsc":")" + wanted + "\"}}");
    EXPECT_EQ(named(), package) << wanted;
  }
}

}  // namespace
}  // namespace ccci::learn
