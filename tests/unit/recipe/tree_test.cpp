// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::HasSubstr;

base::Result<Document> read(std::string_view text) {
  Sources sources;
  const int file = sources.add("compose.yml", text);
  return read_tree(text, file, sources);
}

Node tree(std::string_view text) {
  auto document = read(text);
  if (document) return document->root;
  ADD_FAILURE() << described(document.error());
  return {};
}

std::string refused(std::string_view text) {
  const auto document = read(text);
  return document ? "accepted" : described(document.error());
}

Node value(std::string_view scalar) {
  const Node node = tree("key: " + std::string(scalar) + "\n");
  return node.members.empty() ? Node{} : node.members[0].value;
}

TEST(Tree, KnowsThePlaceOfEachValue) {
  const Node root = tree("services:\n  app:\n    image: nginx:1\n");
  const Node* image = root.find("services")->find("app")->find("image");
  EXPECT_EQ(image->text, "nginx:1");
  EXPECT_EQ(image->at, (Place{0, 3, 12, 7}));
  EXPECT_EQ(root.find("services")->find("app")->members[0].at, (Place{0, 3, 5, 5}));
}

TEST(Tree, CountsColumnsInBytes) {
  const Node root = tree("käse: [grün, x]\nb: y\n");
  EXPECT_EQ(root.members[0].at, (Place{0, 1, 1, 5}));
  EXPECT_EQ(root.find("käse")->items[0].at, (Place{0, 1, 9, 5}));
  EXPECT_EQ(root.find("käse")->items[1].at, (Place{0, 1, 16, 1}));
  EXPECT_EQ(root.find("b")->at, (Place{0, 2, 4, 1}));
}

// What Docker's reader makes of scalars. The text is what it prints.
TEST(Tree, ReadsScalarsAsDockerDoes) {
  using Kind = Node::Kind;
  const std::vector<std::tuple<std::string, Kind, std::string>> cases{
      {"8080", Kind::integer, "8080"},
      {"0777", Kind::integer, "511"},
      {"0o17", Kind::integer, "15"},
      {"0x1F", Kind::integer, "31"},
      {"0b11", Kind::integer, "3"},
      {"1_000", Kind::integer, "1000"},
      {"-5", Kind::integer, "-5"},
      {"+5", Kind::integer, "5"},
      {"08", Kind::real, "8"},
      {"1.10", Kind::real, "1.1"},
      {"3.8", Kind::real, "3.8"},
      {"1e3", Kind::real, "1000"},
      {"1e21", Kind::real, "1e+21"},
      {"1.", Kind::real, "1"},
      {"true", Kind::boolean, "true"},
      {"FALSE", Kind::boolean, "false"},
      {"yes", Kind::text, "yes"},
      {"on", Kind::text, "on"},
      {"No", Kind::text, "No"},
      {"22:22", Kind::text, "22:22"},
      {"1.2.3", Kind::text, "1.2.3"},
      {"1-2", Kind::text, "1-2"},
      {"2001-01-01", Kind::text, "2001-01-01"},
      {"~", Kind::null, ""},
      {"null", Kind::null, ""},
      {"", Kind::null, ""},
      {"'8080'", Kind::text, "8080"},
      {"\"true\"", Kind::text, "true"},
      {"!!str 8080", Kind::text, "8080"},
      {"!!int '8'", Kind::integer, "8"},
      {"0x", Kind::text, "0x"},
  };
  for (const auto& [written, kind, text] : cases) {
    const Node node = value(written);
    EXPECT_EQ(node.kind, kind) << written;
    EXPECT_EQ(node.text, text) << written;
  }
}

TEST(Tree, KeepsTheLinesOfABlockScalar) {
  EXPECT_EQ(value("|\n  one\n  two\n").text, "one\ntwo\n");
  EXPECT_EQ(value(">-\n  one\n  two\n").text, "one two");
}

TEST(Tree, FollowsAliases) {
  const Node root = tree("x-a: &a {b: [1, 2]}\nc: *a\nd: [*a, *a]\n");
  EXPECT_EQ(root.find("c")->find("b")->items.size(), 2U);
  EXPECT_EQ(root.find("d")->items[1].find("b")->items[1].text, "2");
}

TEST(Tree, MergesMapsAndTheMapsOwnKeysWin) {
  const Node root = tree(
      "x-a: &a {one: 1, two: 1}\n"
      "x-b: &b {two: 2, three: 2}\n"
      "single: {<<: *a, one: 0}\n"
      "list: {<<: [*b, *a]}\n"
      "nested: &n {<<: *a, four: 4}\n"
      "again: {<<: *n}\n"
      "quoted: {'<<': text}\n");
  EXPECT_EQ(root.find("single")->find("one")->text, "0");
  EXPECT_EQ(root.find("single")->find("two")->text, "1");
  EXPECT_EQ(root.find("list")->find("two")->text, "2");
  EXPECT_EQ(root.find("list")->find("one")->text, "1");
  EXPECT_EQ(root.find("again")->find("one")->text, "1");
  EXPECT_EQ(root.find("again")->find("four")->text, "4");
  EXPECT_EQ(root.find("quoted")->find("<<")->text, "text");
}

TEST(Tree, RefusesWhatIsNoTree) {
  EXPECT_THAT(refused("a: &a [*a]\n"), HasSubstr("recipe.cycle anchor=a @compose.yml:1"));
  EXPECT_THAT(refused("a: &a\n  b: &b\n    c: *a\n"), HasSubstr("recipe.cycle anchor=a"));
  EXPECT_THAT(refused("a: &a\n  <<: *a\n"), HasSubstr("recipe.cycle anchor=a"));
  EXPECT_THAT(refused("a: *nowhere\n"), HasSubstr("recipe.no-anchor anchor=nowhere"));
  EXPECT_THAT(refused("a: 1\nb: 2\na: 3\n"), HasSubstr("recipe.twice key=a line=1 @compose.yml:3"));
  EXPECT_THAT(refused("a: {<<: 1}\n"), HasSubstr("recipe.merge"));
  EXPECT_THAT(refused("a: {<<: [1]}\n"), HasSubstr("recipe.merge"));
  EXPECT_THAT(refused("1: a\n"), HasSubstr("recipe.key found=an integer"));
  EXPECT_THAT(refused("[a]: b\n"), HasSubstr("recipe.key found=a list"));
  EXPECT_THAT(refused("true: b\n"), HasSubstr("recipe.key"));
  EXPECT_THAT(refused("a: !reset b\n"), HasSubstr("recipe.tag tag=!reset"));
  EXPECT_THAT(refused("a: !override [b]\n"), HasSubstr("recipe.tag"));
  EXPECT_THAT(refused("a: [\n"), HasSubstr("recipe.yaml"));
  EXPECT_THAT(refused("a:\n\tb: 1\n"), HasSubstr("indent with spaces"));
  EXPECT_THAT(refused("a:\n  \tb: 1\n"), HasSubstr("indent with spaces"));
  EXPECT_THAT(refused("a: \xff\n"), HasSubstr("recipe.yaml"));
}

TEST(Tree, AnAnchorMayBeDefinedAgain) {
  const Node root = tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
  EXPECT_EQ(root.find("b")->text, "1");
  EXPECT_EQ(root.find("d")->text, "2");
}

TEST(Tree, StopsBeforeAliasesGrow) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int j = 0; j < 9; ++j) laughs += ", " + below;
    laughs += "]\n";
  }
  EXPECT_THAT(refused(laughs), HasSubstr("recipe.too-large what=values"));

  std::string text = "a: &a '" + std::string(500'000, 'x') + "'\nb: [";
  for (int i = 0; i < 40; ++i) text += "*a, ";
  EXPECT_THAT(refused(text + "]\n"), HasSubstr("recipe.too-large what=bytes of text"));

  std::string deep = "x0: &x0 [1]\n";
  for (int i = 1; i < 60; ++i)
    deep += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [*x" + std::to_string(i - 1) +
            "]\n";
  EXPECT_THAT(refused(deep), HasSubstr("recipe.too-large what=levels"));
  EXPECT_THAT(refused(std::string(100, '[') + std::string(100, ']')),
              HasSubstr("recipe.too-large what=levels"));
  EXPECT_THAT(refused("a: " + std::string(largest_yaml, 'x')), HasSubstr("recipe.too-large"));
}

TEST(Tree, SaysThatDocumentsFollow) {
  EXPECT_TRUE(read("a: 1\n---\nb: 2\n")->more);
  EXPECT_FALSE(read("---\na: 1\n...\n")->more);
  EXPECT_EQ(read("a: 1\n---\nb: 2\n")->root.members.size(), 1U);
  EXPECT_EQ(read("")->root.kind, Node::Kind::null);
}

}  // namespace
}  // namespace ccci::recipe
