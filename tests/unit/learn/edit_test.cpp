// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/edit.hpp"

#include <gtest/gtest.h>

#include "declare/declaration.hpp"
#include "learn/list_text.hpp"

namespace ccci::learn {
namespace {

std::string edited(const std::string& text, const Additions& additions) {
  const auto result = add_to_declaration(text, "cc-ci.toml", additions);
  return result ? *result : "error " + result.error().code;
}

std::string with_tools(const std::string& text, const std::vector<std::string>& names) {
  return edited(text, {names, {}});
}

TEST(Edit, AppendsWithinOneLine) {
  EXPECT_EQ(with_tools("[runtime]\ntools = [\"a\", \"b\"] # both\n", {"c", "d"}),
            "[runtime]\ntools = [\"a\", \"b\", \"c\", \"d\"] # both\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\"a\", ]\n", {"c"}),
            "[runtime]\ntools = [\"a\", \"c\", ]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools=['a']", {"c"}), "[runtime]\ntools=['a', \"c\"]");
  EXPECT_EQ(with_tools("[runtime]\ntools = [ \"a\" ]\n", {"c"}),
            "[runtime]\ntools = [ \"a\", \"c\" ]\n");
}

TEST(Edit, AddsPackages) {
  const Additions additions{{"gcc"}, {}, {}, {"zlib1g-dev", "libssl-dev"}};
  EXPECT_EQ(
      edited("[runtime]\ntools = [\"a\"]\n# libraries\npackages = [\"zlib1g-dev\"]\n", additions),
      "[runtime]\ntools = [\"a\", \"gcc\"]\n# libraries\n"
      "packages = [\"zlib1g-dev\", \"libssl-dev\"]\n");
  EXPECT_EQ(edited("[runtime]\ntools = [\"a\"]\n\n[hosts.x]\n", additions),
            "[runtime]\ntools = [\"a\", \"gcc\"]\npackages = [\"zlib1g-dev\", \"libssl-dev\"]\n\n"
            "[hosts.x]\n");
}

TEST(Edit, FillsAnEmptyList) {
  EXPECT_EQ(with_tools("[runtime]\ntools = []\n", {"c", "d"}),
            "[runtime]\ntools = [\"c\", \"d\"]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\n  # to be filled\n]\n", {"c"}),
            "[runtime]\ntools = [\n  # to be filled\n  \"c\",\n]\n");
}

TEST(Edit, GivesEachAnOwnLineWhereTheOthersHaveOne) {
  EXPECT_EQ(
      with_tools("[runtime]\ntools = [\n    \"a\", # first\n    \"b\",   # last\n    # end\n]\n",
                 {"c", "d"}),
      "[runtime]\ntools = [\n    \"a\", # first\n    \"b\",   # last\n    \"c\",\n    \"d\",\n"
      "    # end\n]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\n  \"a\",\n  \"b\" # last\n]\n", {"c"}),
            "[runtime]\ntools = [\n  \"a\",\n  \"b\", # last\n  \"c\"\n]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\n  \"a\",\n]\n", {"c"}),
            "[runtime]\ntools = [\n  \"a\",\n  \"c\",\n]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\n  \"a\",\n  \"b\"]\n", {"c"}),
            "[runtime]\ntools = [\n  \"a\",\n  \"b\",\n  \"c\"]\n");
  EXPECT_EQ(with_tools("[runtime]\ntools = [\n  \"a\"\n  ,\"b\"\n  ,\n]\n", {"c"}),
            "[runtime]\ntools = [\n  \"a\"\n  ,\"b\"\n  ,\n  \"c\",\n]\n");
}

TEST(Edit, FillsPackedLinesUpToTheWidth) {
  const std::string packed = "[runtime]\ntools = [\n  \"a\", \"b\",\n  \"c\", \"d\",\n]\n";
  EXPECT_EQ(with_tools(packed, {"e"}),
            "[runtime]\ntools = [\n  \"a\", \"b\",\n  \"c\", \"d\", \"e\",\n]\n");
  const std::string comment = "[runtime]\ntools = [\n  \"a\", \"b\", # why\n]\n";
  EXPECT_EQ(with_tools(comment, {"e"}),
            "[runtime]\ntools = [\n  \"a\", \"b\", # why\n  \"e\",\n]\n");
  const std::string full = "[runtime]\ntools = [\n  \"a\", \"" + std::string(88, 'b') + "\",\n]\n";
  EXPECT_EQ(with_tools(full, {"cc"}),
            "[runtime]\ntools = [\n  \"a\", \"" + std::string(88, 'b') + "\",\n  \"cc\",\n]\n");
}

TEST(Edit, IsNotMisledByWhatStringsAndCommentsHold) {
  EXPECT_EQ(with_tools("[runtime]\ntools = [ # ] \"x\",\n  'a', # ]\n  \"b\", # \"c\"]\n]\n"
                       "[runtime.variables]\nX = \"[runtime] tools = []\"\n",
                       {"c"}),
            "[runtime]\ntools = [ # ] \"x\",\n  'a', # ]\n  \"b\", # \"c\"]\n  \"c\",\n]\n"
            "[runtime.variables]\nX = \"[runtime] tools = []\"\n");
  EXPECT_EQ(with_tools("# tools = [\"z\"]\nruntime.tools = [\"a\"]\n", {"c"}),
            "# tools = [\"z\"]\nruntime.tools = [\"a\", \"c\"]\n");
  EXPECT_EQ(with_tools("runtime = { tools = [\"\"\"a\"\"\"] } # é\n", {"c"}),
            "runtime = { tools = [\"\"\"a\"\"\", \"c\"] } # é\n");
}

TEST(Edit, CountsColumnsInBytes) {
  EXPECT_EQ(with_tools("[runtime]\nvariables = { E = \"éé\" }\ntools = [\"a\"]\n", {"c"}),
            "[runtime]\nvariables = { E = \"éé\" }\ntools = [\"a\", \"c\"]\n");
  EXPECT_EQ(with_tools("runtime = { variables = { E = \"éé\" }, tools = [\"a\"] }\n", {"c"}),
            "runtime = { variables = { E = \"éé\" }, tools = [\"a\", \"c\"] }\n");
  EXPECT_EQ(with_tools("\xEF\xBB\xBF[runtime]\ntools = [\"a\"]\n", {"c"}),
            "\xEF\xBB\xBF[runtime]\ntools = [\"a\", \"c\"]\n");
}

TEST(Edit, KeepsTheLineEndsOfTheFile) {
  EXPECT_EQ(with_tools("[runtime]\r\ntools = [\r\n  \"a\",\r\n  \"b\",\r\n]\r\n", {"c"}),
            "[runtime]\r\ntools = [\r\n  \"a\",\r\n  \"b\",\r\n  \"c\",\r\n]\r\n");
}

TEST(Edit, AddsModulesBelowTheTools) {
  EXPECT_EQ(edited("[runtime]\ntools = [\n  \"python3\",\n] # t\n\n[hosts.a]\n", {{}, {"pytest"}}),
            "[runtime]\ntools = [\n  \"python3\",\n] # t\npython = [\"pytest\"]\n\n[hosts.a]\n");
  EXPECT_EQ(edited("[runtime]\ntools = [\"python3\"]", {{"jq"}, {"pytest"}}),
            "[runtime]\ntools = [\"python3\", \"jq\"]\npython = [\"pytest\"]\n");
  EXPECT_EQ(edited("[runtime]\ntools = [\"python3\"]\npython = [\"yaml\"]\n", {{}, {"pytest"}}),
            "[runtime]\ntools = [\"python3\"]\npython = [\"yaml\", \"pytest\"]\n");
}

// Every way to lay three elements out: each must be understood, and nothing of it may go.
TEST(Edit, UnderstandsEveryLayout) {
  const std::vector<std::string> gaps{"", " ", "\n  ", " # c,]\"\n\t"};
  for (std::size_t layout = 0; layout < 4096 * 2; ++layout) {
    std::size_t rest = layout;
    const auto gap = [&] {
      const std::string& one = gaps[rest % 4];
      rest /= 4;
      return one;
    };
    std::string text = "[runtime]\ntools = [";
    for (const std::string name : {"a", "b", "c"}) {
      text += gap() + '\'' + name + '\'';
      if (name != "c") text += gap() + ',';
    }
    const std::string last = gap();
    text += rest % 2 == 0 ? last : last + ',';
    text += (layout % 3 == 0 ? "\n" : "") + std::string("] # end\n");
    const std::string result = with_tools(text, {"new", "newer"});
    ASSERT_FALSE(result.starts_with("error")) << result << "\n" << text;
    std::size_t at = 0;
    for (const char c : text) {
      at = result.find(c, at);
      ASSERT_NE(at, std::string::npos) << result << "\n" << text;
      ++at;
    }
  }
}

TEST(Edit, LeavesAloneWhatStandsThere) {
  const std::string text = "[runtime]\ntools = [\"a\",\"b\"]\n";
  EXPECT_EQ(with_tools(text, {"a", "b"}), text);
  EXPECT_EQ(with_tools(text, {"b", "c", "c"}), "[runtime]\ntools = [\"a\",\"b\", \"c\"]\n");
}

TEST(Edit, TakesWhatComesToAllHostsOutOfTheirOwnLists) {
  const std::string runtime = "[runtime]\ntools = [\"a\"]\n";
  const std::string both = "[runtime]\ntools = [\"a\", \"less\"]\n";
  const auto hosts = [](const std::string& list) {
    return "[hosts.x]\nextra_tools = " + list + "\n";
  };
  const std::vector<std::pair<std::string, std::string>> layouts{
      {"[\"less\"]", "[]"},
      {"[\"less\", \"nano\"] # own", "[\"nano\"] # own"},
      {"[\"nano\", \"less\"]", "[\"nano\"]"},
      {"[\"nano\", 'less', \"tree\"]", "[\"nano\", \"tree\"]"},
      {"[\n  \"nano\", # kept\n  \"less\",  # no more\n  \"tree\",\n]",
       "[\n  \"nano\", # kept\n  \"tree\",\n]"},
      {"[\n  \"nano\",\n  \"less\"\n]", "[\n  \"nano\"\n]"},
      {"[\"less\" # no more\n  , \"nano\"]", "[\"nano\"]"},
      {"[\n  \"nano\", \"less\",\n  \"tree\"]", "[\n  \"nano\", \n  \"tree\"]"},
  };
  for (const auto& [before, after] : layouts) {
    EXPECT_EQ(with_tools(runtime + hosts(before), {"less"}), both + hosts(after)) << before;
  }
  EXPECT_EQ(
      with_tools(hosts("[\"less\"]") + "[hosts.y]\nextra_tools = [\"less\"]\n" + runtime, {"less"}),
      hosts("[]") + "[hosts.y]\nextra_tools = []\n" + both);
}

TEST(Edit, RefusesWhatItCannotDo) {
  EXPECT_EQ(with_tools("not toml", {"a"}), "error declare.syntax");
  // No header to put a line under.
  EXPECT_EQ(edited("runtime.tools = [\"a\"]\n", {{}, {"pytest"}}), "error learn.no-place");
  EXPECT_EQ(edited("runtime = { tools = [\"a\"] }\n", {{}, {"pytest"}}), "error learn.no-place");
  // A name that no declaration takes.
  EXPECT_TRUE(with_tools("[runtime]\ntools = [\"a\"]\n", {"x\"]\ny = [\""}).starts_with("error"));
}

TEST(ListText, ReadsNothingButAListOfStrings) {
  EXPECT_FALSE(read_list("[1]", 0));
  EXPECT_FALSE(read_list("[\"a\"", 0));
  EXPECT_FALSE(read_list("[\"a", 0));
  EXPECT_FALSE(read_list("x", 0));
  EXPECT_FALSE(read_list("", 0));
  EXPECT_TRUE(read_list("['a\\', \"b\\\"]\"]", 0));
}

TEST(Edit, AddsRulesForWhatDebianDoesNotHave) {
  const std::string before =
      "[runtime]\ntools = [\"python3\"]\npython = [\"old\"]\n\n[packages.old]\npypi = \"old\"";
  EXPECT_EQ(edited(before, {{},
                            {},
                            {{Rule::Kind::pypi, "flask-x", "flask-x"},
                             {Rule::Kind::npm, "lint", "@company/lint"},
                             {Rule::Kind::npm_module, "express", "express"},
                             {Rule::Kind::pypi, "old", "other"}}}),
            "[runtime]\ntools = [\"python3\", \"lint\", \"express\", \"nodejs\"]\n"
            "python = [\"old\", \"flask-x\"]\n\n[packages.old]\npypi = \"old\"\n\n"
            "[packages.flask-x]\npypi = \"flask-x\"\n\n"
            "[packages.lint]\nnpm = \"@company/lint\"\n\n"
            "[packages.express]\nnpm = \"express\"\ncommands = []\n");
}

}  // namespace
}  // namespace ccci::learn
