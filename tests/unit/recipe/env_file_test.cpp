// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/env_file.hpp"

#include <gmock/gmock.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

EnvFile sample(std::string_view text, const Variables& pinned = {}) {
  Sources sources;
  const int file = sources.add(".env.sample", text);
  auto read = read_env_file(text, file, sources, pinned);
  if (read) return *read;
  ADD_FAILURE() << described(read.error());
  return {};
}

std::string refused(std::string_view text) {
  Sources sources;
  const int file = sources.add(".env.sample", text);
  const auto read = read_env_file(text, file, sources);
  return read ? "accepted" : described(read.error());
}

TEST(EnvFile, ReadsValuesAndQuotes) {
  const EnvFile file = sample(
      "A=plain text \nB=\"double # $A \\\"q\\\" \\$A\\n\"\nC='single # $A \\n'\nexport D=1\n"
      " E = spaced # comment\nF=\nG=a#b\nH=\"one\ntwo\"\nI: yaml\nJ=${A}x$U$\r\nK=\"\"\n");
  EXPECT_THAT(
      file.values(),
      UnorderedElementsAre(Pair("A", "plain text"), Pair("B", "double # plain text \"q\" $A\n"),
                           Pair("C", "single # $A \\n"), Pair("D", "1"), Pair("E", "spaced"),
                           Pair("F", ""), Pair("G", "a#b"), Pair("H", "one\ntwo"),
                           Pair("I", "yaml"), Pair("J", "plain textx$"), Pair("K", "")));
  EXPECT_EQ(file.find("I")->at.line, 10);
}

TEST(EnvFile, ReadsDirectivesInComments) {
  const EnvFile file = sample(
      "SECRET_A_VERSION=v1 # length=128\n"
      "SECRET_B_VERSION=\"v2\" #length=32 charset=hex, generate=false\n"
      "#SECRET_C_VERSION=v1 # length=10\n# SECRET_D_VERSION=v1\n# Prose = prose\n## x=1\n");
  EXPECT_THAT(file.find("SECRET_A_VERSION")->directives, ElementsAre(Pair("length", "128")));
  EXPECT_THAT(file.find("SECRET_B_VERSION")->directives,
              UnorderedElementsAre(Pair("length", "32"), Pair("charset", "hex"),
                                   Pair("generate", "false")));
  EXPECT_EQ(file.find("SECRET_C_VERSION"), nullptr);
  ASSERT_NE(file.find_commented("SECRET_C_VERSION"), nullptr);
  EXPECT_EQ(file.find_commented("SECRET_C_VERSION")->value, "v1");
  EXPECT_NE(file.find_commented("SECRET_D_VERSION"), nullptr);
  EXPECT_EQ(sample("#A=', `b`' # c=d\n").find_commented("A")->value, ", `b`");
  EXPECT_EQ(sample("#A=it's # c=d\n").find_commented("A")->value, "it's");
  EXPECT_EQ(file.values().size(), 2U);
}

TEST(EnvFile, ComposeFileGrowsByItself) {
  EXPECT_EQ(sample("COMPOSE_FILE=\"compose.yml\"\nCOMPOSE_FILE=\"$COMPOSE_FILE:compose.a.yml\"\n"
                   "#COMPOSE_FILE=\"$COMPOSE_FILE:compose.b.yml\"\n"
                   "COMPOSE_FILE=\"${COMPOSE_FILE}:sub/compose.c.yml\"\n")
                .find("COMPOSE_FILE")
                ->value,
            "compose.yml:compose.a.yml:sub/compose.c.yml");
  EXPECT_EQ(sample("COMPOSE_FILE=\"$COMPOSE_FILE:compose.a.yml\"\n").find("COMPOSE_FILE")->value,
            "compose.yml:compose.a.yml");
  EXPECT_EQ(sample("COMPOSE_FILE=$COMPOSE_FILE:b\nA=$COMPOSE_FILE\n", {{"COMPOSE_FILE", "a"}})
                .values()
                .at("A"),
            "a");
}

TEST(EnvFile, RefusesLinesThatAreNoEntry) {
  EXPECT_THAT(refused("A=1\nwhat is this\n"),
              HasSubstr("recipe.env-line expected=KEY=VALUE @.env.sample:2"));
  EXPECT_THAT(refused("=1\n"), HasSubstr("recipe.env-line"));
  EXPECT_THAT(refused("A=\"open\nB=2\n"), HasSubstr("@.env.sample:1"));
  EXPECT_THAT(refused("A='a'b\n"), HasSubstr("recipe.env-line"));
  EXPECT_THAT(refused("A=" + std::string(100'000, 'x')), HasSubstr("recipe.too-large"));
  EXPECT_THAT(refused(std::string(20'000, '\n')), HasSubstr("recipe.too-large"));
}

TEST(EnvFile, IsNoBombOfVariables) {
  std::string text = "A=xxxxxxxxxx\n";
  for (int i = 0; i < 100; ++i) text += "A=$A$A$A$A$A$A$A$A\n";
  EXPECT_THAT(refused(text), HasSubstr("recipe.too-large"));
}

TEST(Exports, AreReadWithoutAShell) {
  const Exports exports = read_exports(
      "#!/bin/bash\nexport APP_VERSION=v3\nexport A='x y' B=\"$APP_VERSION-b\" # comment\n"
      "export\tC=c; rm -rf /\nexport D=$(date)\nexport E=`date`\nexport F=$UNKNOWN\n"
      "export PLAIN\nNOT_EXPORTED=1\n  export INDENTED=1\n"
      "hook () {\n  cat <<EOF\nexport IN_A_DOCUMENT=1\nEOF\n}\nexport G=\"a\\\"b\"\nexport H=\r\n");
  EXPECT_THAT(exports.values,
              UnorderedElementsAre(Pair("APP_VERSION", "v3"), Pair("A", "x y"), Pair("B", "v3-b"),
                                   Pair("C", "c"), Pair("G", "a\"b"), Pair("H", "")));
  EXPECT_THAT(exports.unread, ElementsAre("D", "E", "F"));
}

}  // namespace
}  // namespace ccci::recipe
