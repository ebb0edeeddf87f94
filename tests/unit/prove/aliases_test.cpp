// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/aliases.hpp"

#include <gtest/gtest.h>

#include "prove/vocabulary.hpp"

namespace ccci::prove {
namespace {

TEST(Aliases, EveryRowIsFoundAndLeadsToAFinalName) {
  ASSERT_FALSE(aliases().empty());
  for (const Alias& row : aliases()) {
    EXPECT_EQ(alias(row.other), &row) << row.other;
    EXPECT_EQ(alias(row.tool), nullptr) << row.other << " leads to an alias";
    EXPECT_FALSE(row.reason.empty()) << row.other;
  }
}

TEST(Aliases, NamesOfOneToolAreOne) {
  for (const char* name : {"python3", "python", "python312", "python3.11", "Python3"})
    EXPECT_EQ(canonical_tool(name), "python3") << name;
  EXPECT_EQ(canonical_tool("nodejs_20"), "nodejs");
  EXPECT_EQ(canonical_tool("openjdk-17-jdk"), "openjdk");
  EXPECT_EQ(canonical_tool("python3-pytest"), "python3-pytest");
  EXPECT_EQ(canonical_tool("git-lfs"), "git-lfs");
  for (const char* name : {"pytest", "python3-pytest", "py3-pytest", "PyTest"})
    EXPECT_EQ(canonical_module(name), "pytest") << name;
  EXPECT_EQ(canonical_module("ruamel.yaml"), "ruamel-yaml");
}

TEST(Vocabulary, ADeclarationAddsNamesOfItsOwn) {
  declare::Declaration declaration;
  declaration.tools = {{"compose", {}}, {"gnused", {}}};
  declaration.python = {{"yaml", {}}};
  declaration.packages["compose"] = {{"compose", {}}, declare::DebianPackage{"my-compose"}, {}};
  const Vocabulary vocabulary(declaration);
  EXPECT_EQ(vocabulary.shared("my-compose")->tool, "compose");
  EXPECT_EQ(vocabulary.shared("my-compose")->why, "[packages.compose] names it as the package");
  EXPECT_EQ(vocabulary.shared("sed")->tool, "gnused");
  EXPECT_EQ(vocabulary.shared("sed")->why, "alias of 'gnused': nixpkgs calls it so");
  EXPECT_TRUE(vocabulary.shared("python3-yaml")->module);
  EXPECT_FALSE(vocabulary.shared("tar"));
}

}  // namespace
}  // namespace ccci::prove
