// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/recipe_settings.hpp"

#include <gmock/gmock.h>

namespace ccci::declare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view some_tools = "[runtime]\ntools = [\"bash\"]\n";

Declaration read(const std::string& recipes) {
  auto declaration = parse(std::string(some_tools) + recipes, "cc-ci.toml");
  EXPECT_TRUE(declaration) << declaration.error().code << declaration.error().field("found");
  return declaration.value_or(Declaration{});
}

std::vector<std::string> changed(const std::string& before, const std::string& after,
                                 const std::string& recipe = "a") {
  const std::string both = "[recipes.a]\nsource = \"a\"\n[recipes.b]\nsource = \"b\"\n";
  return changed_settings(setting_digests(recipe, read(both + before)),
                          setting_digests(recipe, read(both + after)));
}

TEST(RecipeSettingsTest, each_key_that_changes_what_a_test_finds_is_named) {
  EXPECT_THAT(changed("", "[recipes.a.env]\nMODE = \"x\""), ElementsAre("env"));
  EXPECT_THAT(changed("[recipes.a.env]\nMODE = \"y\"", "[recipes.a.env]\nMODE = \"x\""),
              ElementsAre("env"));
  EXPECT_THAT(changed("[recipes.a.checks.one]\npath = \"/\"", ""), ElementsAre("checks"));
  EXPECT_THAT(changed("[recipes.a.checks.one]\ntitle = \"x\"",
                      "[recipes.a.checks.one]\ntitle = \"x\"\nstatus = 204"),
              ElementsAre("checks"));
  EXPECT_THAT(changed("[recipes.a.hooks.after-install]\nrun = \"true\"",
                      "[recipes.a.hooks.before-backup]\nrun = \"true\""),
              ElementsAre("hooks"));
  EXPECT_THAT(changed("[recipes.a.skip]\nbackup = \"later\"", ""), ElementsAre("skip"));
  EXPECT_THAT(changed("", "[recipes]\nengine = \"unix:///run/docker.sock\""),
              ElementsAre("engine"));
  EXPECT_THAT(changed("[recipes.a.env]\nA = \"1\"", "[recipes.a.skip]\nbackup = \"later\""),
              ElementsAre("env", "skip"));
}

TEST(RecipeSettingsTest, what_changes_no_test_of_it_is_no_change) {
  EXPECT_THAT(changed("", "# a word\n[recipes.b.env]\nMODE = \"x\""), IsEmpty());
  EXPECT_THAT(changed("", "[recipes]\nengine = \"private\""), IsEmpty());
  EXPECT_THAT(changed("", "[recipes.c]\nsource = \"c\"\ndeadline = \"1h\"", "c"), IsEmpty());
  EXPECT_THAT(changed("", "[recipes.c]\nsource = \"c\"", "nobody"), IsEmpty());
}

TEST(RecipeSettingsTest, those_of_a_dependency_count_as_its_own) {
  const std::string needs = "[recipes.c]\nsource = \"c\"\ndependencies = [\"a\"]\n";
  EXPECT_THAT(changed(needs, needs + "[recipes.a.env]\nMODE = \"x\"", "c"),
              ElementsAre("env of a"));
  EXPECT_THAT(changed(needs, "", "c"), ElementsAre("dependencies"));
  const std::string two = "[recipes.d]\nsource = \"d\"\ndependencies = [\"a\", \"b\"]\n";
  EXPECT_THAT(changed(two, two + "[recipes.b.skip]\nbackup = \"later\"", "d"),
              ElementsAre("skip of b"));
}

TEST(RecipeSettingsTest, those_of_another_declaration_are_taken_without_its_sources) {
  Declaration now = read(
      "[recipes.a]\nsource = \"new\"\nimages = [\"new.tar\"]\n[recipes.a.env]\n"
      "MODE = \"new\"\n[recipes.b]\nsource = \"b\"\n[recipes.b.skip]\n"
      "backup = \"later\"\n");
  take_settings(read("[recipes.a]\nsource = \"old\"\nbranch = \"old\"\n[recipes.a.env]\n"
                     "MODE = \"old\"\n[recipes.gone]\nsource = \"gone\"\n"),
                now);
  EXPECT_EQ(now.recipes.at("a").source, "new");
  EXPECT_EQ(now.recipes.at("a").branch, "");
  EXPECT_THAT(now.recipes.at("a").images, ElementsAre("new.tar"));
  EXPECT_EQ(now.recipes.at("a").env.at("MODE"), "old");
  EXPECT_THAT(now.recipes.at("b").skip, IsEmpty());
  EXPECT_FALSE(now.recipes.contains("gone"));
}

}  // namespace
}  // namespace ccci::declare
