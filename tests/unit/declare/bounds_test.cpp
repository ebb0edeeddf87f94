// SPDX-License-Identifier: GPL-3.0-or-later
// Texts made to exhaust time, stack or memory. There are no clocks here: what took minutes before
// it was bounded shows as a test that does not end.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/declare/mistakes.hpp"

namespace ccci::declare {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string only_code(const std::string& text) {
  const auto errors = mistakes(text);
  return errors.size() == 1 ? errors[0].code : std::to_string(errors.size()) + " errors";
}

TEST(Bounds, RefusesLargeTexts) {
  const std::string text = "[runtime]\ntools = []\n#";
  const std::string fits = text + std::string(largest_declaration - text.size(), 'x');
  EXPECT_TRUE(parse(fits, test_file));
  const base::Error error = base::fail("declare.too-large")
                                .with("file", test_file)
                                .with("bytes", "1048577")
                                .with("limit", "1048576");
  EXPECT_EQ(mistakes(fits + "x"), std::vector{error});
}

TEST(Bounds, SaysWhereNestingBecomesTooDeep) {
  const auto errors = mistakes("a = " + repeated("[", 10000) + repeated("]", 10000));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].code, "declare.too-deep");
  EXPECT_EQ(errors[0].field("limit"), "32");
  EXPECT_EQ(errors[0].where[0].line, 1);
  EXPECT_EQ(errors[0].where[0].column, 37);

  EXPECT_EQ(only_code("a = " + repeated("{a=", 10000)), "declare.too-deep");
  EXPECT_EQ(only_code("a" + repeated(".a", 10000) + " = 1"), "declare.too-deep");
  EXPECT_EQ(only_code("[a" + repeated(" . \"a\"", 10000) + "]"), "declare.too-deep");
  EXPECT_EQ(only_code("a = { a" + repeated(".a", 500000) + " = 1 }"), "declare.too-deep");
  EXPECT_EQ(only_code("a = [\n" + repeated("[\n", 10000)), "declare.too-deep");
}

// The TOML library's table of white space holds only characters that a declaration never gives it.
TEST(Bounds, RefusesWhatIsNotAsciiOutsideOfQuotes) {
  for (const std::string text : {"a = 1 \xc2\xa1", "a = \xe2\x80\xa8 1", "[\xe3\x80\x80 a]",
                                 "a = [ \xf0\x9f\x98\x80 ]", "\xe1\x9a\x80"}) {
    EXPECT_EQ(only_code(text), "declare.syntax") << text;
  }
  // After a byte order mark, in comments and in strings they are welcome.
  EXPECT_TRUE(parse("\xef\xbb\xbf# \xc2\xa1\n[runtime] # \xe2\x80\xa8\ntools = []\n", test_file));
}

// Brackets and dots within strings and comments nest nothing.
TEST(Bounds, CountsNoBracketsInStrings) {
  const std::string many = repeated("[.{", 100);
  const std::string text = "# " + many + "\n[runtime]\ntools = [] # " + many +
                           "\n[runtime.variables]\n" +     //
                           R"(A = "\")" + many + "\"\n" +  //
                           "B = '" + many + "'\n" +        //
                           R"(C = """a"b"")" + many +
                           R"(\"""""")"
                           "\n" +  //
                           "D = '''" +
                           many + "''\\'''''\n" +  //
                           "E = \"\"\nF = ''\n";
  const auto parsed = parse(text, test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  EXPECT_EQ(parsed->variables.at("C"), R"(a"b"")" + many + R"(""")");
  EXPECT_EQ(parsed->variables.at("D"), many + "''\\''");
  EXPECT_EQ(only_code(text + "G = " + repeated("[", 40)), "declare.too-deep");
}

TEST(Bounds, RefusesTooManyParts) {
  EXPECT_EQ(only_code(repeated("[a]\n", 20001)), "declare.too-many");
  EXPECT_EQ(only_code("[runtime]\ntools = [" + repeated("\"a\",", 20001) + "]"),
            "declare.too-many");
}

TEST(Bounds, SurvivesNoise) {
  std::mt19937 random(1);  // the same noise each time
  std::uniform_int_distribution<int> any(0, 255);
  std::uniform_int_distribution<int> graphic(32, 126);
  std::string bytes(largest_declaration, '\0');
  for (char& c : bytes) c = static_cast<char>(any(random));
  EXPECT_FALSE(parse(bytes, test_file));
  for (char& c : bytes) c = static_cast<char>(graphic(random));
  EXPECT_FALSE(parse(bytes, test_file));
  for (const char c : {'\0', '\x01', '\x1b', '\x7f', '\xff', '"', '\'', '[', '.', '=', ' ', '\n'}) {
    EXPECT_FALSE(parse(std::string(largest_declaration, c), test_file)) << int{c};
    EXPECT_FALSE(parse("a = " + std::string(largest_declaration - 4, c), test_file)) << int{c};
  }
}

TEST(Bounds, ReportsAtMostFiftyMistakesAndSaysHowManyMore) {
  std::string keys = "[runtime]\ntools = []\n";
  for (int i = 0; i < 60; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  const auto errors = mistakes(keys);
  ASSERT_EQ(errors.size(), 51U);
  EXPECT_EQ(errors[49].field("key"), "runtime.k49");
  const base::Error more = base::fail("declare.more").with("mistakes", "10 mistakes");
  EXPECT_EQ(errors[50], more);
}

// Every name carries its place; a line is not copied whole for each of them.
TEST(Bounds, ShowsAWindowOfALongLine) {
  std::string line = "tools = [";
  for (int i = 0; i < 19000; ++i) line += "\"t" + std::to_string(i) + "\", ";
  const std::string tail = " # " + std::string(2000, 'x') + "\n";
  const auto errors = mistakes("[runtime]\n" + line + "\"Bad\", \"last\"]" + tail);
  ASSERT_EQ(errors.size(), 1U);
  const base::Position& at = errors[0].where[0];
  EXPECT_LE(at.excerpt.size(), 1100U);
  EXPECT_TRUE(at.excerpt.starts_with("…"));
  EXPECT_TRUE(at.excerpt.ends_with("…"));
  EXPECT_EQ(at.excerpt.substr(static_cast<std::size_t>(at.column) - 1,
                              static_cast<std::size_t>(at.length)),
            "\"Bad\"");
  const auto near_start = mistakes("[runtime]\ntools = [5, \"" + std::string(5000, 'a') + "\"]\n");
  ASSERT_EQ(near_start.size(), 2U);
  EXPECT_EQ(near_start[0].where[0].column, 10);
  EXPECT_TRUE(near_start[0].where[0].excerpt.ends_with("…"));
  EXPECT_EQ(near_start[0].where[0].excerpt.substr(0, 11), "tools = [5,");
}

TEST(Bounds, ManyHostsAndTimersTakeNoTime) {
  std::string text = "[runtime]\ntools = [";
  for (int i = 0; i < 3000; ++i) text += "\"t" + std::to_string(i) + "\", ";
  text += "]\n";
  for (int i = 0; i < 2000; ++i) text += "[hosts.h" + std::to_string(i) + "]\n";
  EXPECT_TRUE(parse(text, test_file));
  std::string timers = "[runtime]\ntools = []\n";
  for (int i = 0; i < 2000; ++i) {
    timers += "[timers.t" + std::to_string(i) + "]\nschedule = \"*-02-30\"\nexec = [\"e\"]\n";
  }
  EXPECT_EQ(mistakes(timers).size(), 51U);
}

}  // namespace
}  // namespace ccci::declare
