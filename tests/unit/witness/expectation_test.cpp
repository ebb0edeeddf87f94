// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/expectation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccci::witness {
namespace {

declare::Declaration sample_declaration() {
  return declare::
      parse("[runtime]\ntools = [\"git\"]\n[entrypoints.run]\n[witness]\nexec = [\"run\", \"x\"]\n",
            "cc-ci.toml")
          .value();
}

TEST(Expectation, PathsAreChosenByName) {
  const auto all = choose_paths(sample_declaration(), {}).value();
  ASSERT_GE(all.size(), 2U);
  const auto one = choose_paths(sample_declaration(), {"host"}).value();
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].request(), "host");
  const base::Error error = choose_paths(sample_declaration(), {"hots"}).error();
  EXPECT_EQ(error.code, "witness.unknown-path");
  EXPECT_EQ(error.field("likely"), "host");
}

// '[' is the first command of coreutils, but a shell reads it as syntax.
TEST(Expectation, AVersionIsAskedOfTheCommandNamedLikeTheTool) {
  host::Build built;
  environment::Exposed git;
  git.tool = git.package = "git";
  git.directory = "/usr/lib/cc-ci/path/git";
  for (const char* name : {"aaa", "git"}) git.commands.emplace_back().name = name;
  environment::Exposed coreutils;
  coreutils.tool = coreutils.package = "coreutils";
  for (const char* name : {"[", "cat"}) coreutils.commands.emplace_back().name = name;
  built.environment.exposed = {git, coreutils};
  const Expected expected = expected_of(sample_declaration(), built, host::System{});
  EXPECT_EQ(expected.tools.at("git"), "git");
  EXPECT_EQ(expected.tools.at("coreutils"), "cat");
  EXPECT_EQ(expected.commands.at("aaa"), "/usr/lib/cc-ci/path/git/aaa");
}

TEST(Expectation, ADeclarationThatIsNotActiveIsStale) {
  activate::Generation active;
  active.system = "0123-a";
  host::System system;
  EXPECT_EQ(require_current(active, system).error().code, "witness.stale");
  active.system = system.address.directory();
  EXPECT_TRUE(require_current(active, system));
}

}  // namespace
}  // namespace ccci::witness
