// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/interpolate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Variables variables{{"X", "x"}, {"E", ""}, {"A_1", "a"}, {"D", "$X"}};

std::string filled(std::string_view text) {
  std::set<std::string> unset;
  const Interpolated result = interpolate(text, variables, unset);
  if (const auto* out = std::get_if<std::string>(&result)) return *out;
  if (const auto* missing = std::get_if<MissingVariable>(&result))
    return "missing " + missing->name + ": " + missing->message;
  return "bad at " + std::to_string(std::get<BadTemplate>(result).offset);
}

TEST(Interpolate, KnowsEveryForm) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"no variable", "no variable"},
      {"$X", "x"},
      {"${X}", "x"},
      {"a${X}b$X/c", "axbx/c"},
      {"$A_1-", "a-"},
      {"$U", ""},
      {"${U}", ""},
      {"$Xy", ""},
      {"${X:-y}", "x"},
      {"${E:-y}", "y"},
      {"${U:-y}", "y"},
      {"${X-y}", "x"},
      {"${E-y}", ""},
      {"${U-y}", "y"},
      {"${X:+y}", "y"},
      {"${E:+y}", ""},
      {"${U:+y}", ""},
      {"${X+y}", "y"},
      {"${E+y}", "y"},
      {"${U+y}", ""},
      {"${X:?e}", "x"},
      {"${E:?no value}", "missing E: no value"},
      {"${U:?e}", "missing U: e"},
      {"${X?e}", "x"},
      {"${E?e}", ""},
      {"${U?}", "missing U: "},
      {"${U:-}", ""},
      {"$$X", "$X"},
      {"$${X}", "${X}"},
      {"$$$X", "$x"},
      {"^(.*)$$", "^(.*)$"},
      {"https://$${1}/$${2}", "https://${1}/${2}"},
      {"${U:-${X}}", "x"},
      {"${U:-a${E:-b${X}}c}", "abxc"},
      {"${U:-$X}", "x"},
      {"${U:-$$}", "$"},
      {"${U:-{}}", "{}"},
      {"${X:+${U:-z}}", "z"},
      {"${U:?need ${X}}", "missing U: need x"},
      {"${X:-${", "bad at 0"},
      {"$D", "$X"},  // a value is not filled in again
      {"${U:-a:b-c?d+e}", "a:b-c?d+e"},
      {"${U-:y}", ":y"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(filled(text), expected) << text;
}

TEST(Interpolate, RefusesADollarThatIsNoVariable) {
  EXPECT_EQ(filled("a $"), "bad at 2");
  EXPECT_EQ(filled("$1"), "bad at 0");
  EXPECT_EQ(filled("$ X"), "bad at 0");
  EXPECT_EQ(filled("ab${}"), "bad at 2");
  EXPECT_EQ(filled("${X"), "bad at 0");
  EXPECT_EQ(filled("${1X}"), "bad at 0");
  EXPECT_EQ(filled("${X!y}"), "bad at 0");
  EXPECT_EQ(filled("${X:}"), "bad at 0");
  EXPECT_EQ(filled("${X y}"), "bad at 0");
  EXPECT_EQ(filled("${U:-$}"), "bad at 5");
  EXPECT_EQ(filled("$(date)"), "bad at 0");
}

TEST(Interpolate, IsBounded) {
  std::string nested = "x";
  for (int i = 0; i < 100; ++i) nested = "${U:-" + nested + "}";
  EXPECT_THAT(filled(nested), HasSubstr("bad"));
  std::set<std::string> unset;
  const Variables large{{"L", std::string(100'000, 'l')}};
  std::string often;
  for (int i = 0; i < 1000; ++i) often += "$L";
  EXPECT_TRUE(std::holds_alternative<BadTemplate>(interpolate(often, large, unset)));
}

TEST(Interpolate, NamesVariablesWithoutValue) {
  std::set<std::string> unset;
  interpolate("$X ${U} ${V:-y} ${W:+y} $Z", variables, unset);
  EXPECT_THAT(unset, ElementsAre("U", "Z"));
  EXPECT_THAT(variables_in("${A:-${B}} $C $$D $${E}"), ElementsAre("A", "B", "C"));
}

using InterpolateFile = RecipeTest;

TEST_F(InterpolateFile, NamesFileLineAndKey) {
  EXPECT_THAT(refusal_with("    command: [a, 'b $']\n"),
              HasSubstr("recipe.template key=services.app.command[1] text=$ @compose.yml:4"));
  EXPECT_THAT(refusal_with("    hostname: ${HOST:?say the host}\n"),
              HasSubstr("recipe.required key=services.app.hostname variable=HOST "
                        "message=say the host @compose.yml:4"));
}

TEST_F(InterpolateFile, ReportsAllMistakesOfAFile) {
  const std::string all = refusal_with("    hostname: $\n    user: ${U?}\n");
  EXPECT_THAT(all, HasSubstr("recipe.template"));
  EXPECT_THAT(all, HasSubstr("recipe.required"));
}

TEST_F(InterpolateFile, DoesNotMakeYamlOfAValue) {
  const Service service = app_with("    hostname: ${H}\n", {{"H", "a: [b\n  c: d"}});
  EXPECT_EQ(service.hostname, "a: [b\n  c: d");
}

TEST_F(InterpolateFile, AFilledInTextIsANumberWhereOneIsExpected) {
  const Service service = app_with(
      "    read_only: ${R}\n    deploy: {replicas: '${N:-2}'}\n"
      "    secrets: [{source: s, mode: '${M:-0440}'}]\nsecrets: {s: {external: true}}\n",
      {{"R", "yes"}});
  EXPECT_TRUE(service.read_only);
  EXPECT_EQ(service.deploy.replicas, 2U);
  EXPECT_EQ(service.secrets[0].mode, 440U);  // decimal, as Docker reads it
  EXPECT_THAT(refusal_with("    deploy: {replicas: '2'}\n"),
              HasSubstr("recipe.type key=services.app.deploy.replicas expected=an integer"));
  EXPECT_THAT(refusal_with("    deploy: {replicas: '${N:-two}'}\n"),
              HasSubstr("recipe.value key=services.app.deploy.replicas"));
}

}  // namespace
}  // namespace ccci::recipe
