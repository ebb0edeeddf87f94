// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/complete.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/command/sample_commands.hpp"

namespace ccci::command {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using Words = std::vector<std::string>;

Words names(Completion kind, const Globals& globals) {
  if (kind == Completion::host) return {"cc-ci", "cc-ci-hetzner", "of-" + globals.file};
  if (kind == Completion::tool) return {"git", "git-lfs"};
  if (kind == Completion::package) return {"libc6"};
  return {};
}

Words offered(const Words& words) {
  Words found;
  for (const Candidate& one : complete(words, sample_commands(), names).words) {
    found.push_back(one.word);
  }
  return found;
}

TEST(Complete, OffersCommandsAndNothingHidden) {
  EXPECT_THAT(offered({""}), ElementsAre("build", "run", "why", "shape", "store", "help"));
  EXPECT_THAT(offered({"s"}), ElementsAre("shape", "store"));
  EXPECT_THAT(offered({"store", ""}), ElementsAre("verify", "repair"));
  EXPECT_THAT(offered({"-q", "store", "v"}), ElementsAre("verify"));
  EXPECT_THAT(offered({"help", "store", ""}), ElementsAre("verify", "repair"));
}

TEST(Complete, OffersOptionsOfTheCommandAndGlobalOnes) {
  EXPECT_THAT(offered({"build", "--j"}), ElementsAre("--json", "--jobs"));
  EXPECT_THAT(offered({"build", "--off"}), ElementsAre("--offline"));
  EXPECT_THAT(offered({"why", "--j"}), IsEmpty());
}

TEST(Complete, OffersAnOptionAgainOnlyWhereThatMeansSomething) {
  EXPECT_THAT(offered({"build", "--json", "--j"}), ElementsAre("--jobs"));
  EXPECT_THAT(offered({"build", "-n", "--dry"}), IsEmpty());
  EXPECT_THAT(offered({"build", "--with=git", "--wi"}), ElementsAre("--with"));
}

TEST(Complete, OffersValuesInEitherSpelling) {
  EXPECT_THAT(offered({"--color", "a"}), ElementsAre("auto", "always"));
  EXPECT_THAT(offered({"--color=n"}), ElementsAre("--color=never"));
  EXPECT_THAT(offered({"build", "--with", "git-"}), ElementsAre("git-lfs"));
  EXPECT_THAT(offered({"build", "--with=git-"}), ElementsAre("--with=git-lfs"));
  EXPECT_THAT(offered({"build", "--jobs", ""}), IsEmpty());
}

TEST(Complete, OffersNamesOfTheDeclarationPointedAt) {
  EXPECT_THAT(offered({"--file", "x.toml", "build", "of"}), ElementsAre("of-x.toml"));
  EXPECT_THAT(offered({"build", "--file=x.toml", "of"}), ElementsAre("of-x.toml"));
  EXPECT_THAT(offered({"build", "cc-ci", "cc"}), ElementsAre("cc-ci-hetzner"));
  EXPECT_THAT(offered({"why", "l"}), ElementsAre("libc6"));
  EXPECT_THAT(offered({"why", "libc6", ""}), IsEmpty());
  EXPECT_THAT(offered({"shape", "r"}), ElementsAre("round"));
}

TEST(Complete, LeavesFilesAndProgramsToTheShell) {
  EXPECT_EQ(complete({"--file", ""}, sample_commands(), names).by_shell, Completion::file);
  EXPECT_EQ(complete({"-C", ""}, sample_commands(), names).by_shell, Completion::directory);
  EXPECT_EQ(complete({"run", "gi"}, sample_commands(), names).by_shell, Completion::program);
}

TEST(Complete, OffersNoOptionsOfItsOwnToTheCommandRun) {
  EXPECT_THAT(offered({"run", "git", "--"}), IsEmpty());
  EXPECT_THAT(offered({"run", "--", "--p"}), IsEmpty());
  EXPECT_THAT(offered({"run", "--p"}), ElementsAre("--pure"));
}

TEST(Complete, PassesOverWhatIsWrong) {
  EXPECT_THAT(offered({"--nonsense", "build", "--js"}), ElementsAre("--json"));
  EXPECT_THAT(offered({"nonsense", ""}), IsEmpty());
  EXPECT_THAT(offered({}), IsEmpty());
  EXPECT_THAT(offered({"--=", "-", "--", ""}), IsEmpty());
}

}  // namespace
}  // namespace ccci::command
