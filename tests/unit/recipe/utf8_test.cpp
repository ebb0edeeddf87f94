// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/utf8.hpp"

#include <gmock/gmock.h>

#include "recipe/env_file.hpp"
#include "recipe/tree.hpp"

namespace ccci::recipe {
namespace {

using testing::Eq;
using testing::Optional;

base::Position position_of(const base::Error& error) {
  return error.where.empty() ? base::Position{} : error.where.front();
}

TEST(Utf8, TextHasNoBadByte) {
  for (const char* text :
       {"", "plain", "na\xC3\xAFve", "\xE2\x82\xAC", "\xF0\x9F\x90\xB3", "\xEF\xBB\xBF"})
    EXPECT_EQ(first_bad_byte(text), std::nullopt) << text;
}

TEST(Utf8, FirstBadByteIsFound) {
  for (const char* text : {"ab\xFF", "ab\xC3", "ab\xC3(", "ab\x80", "ab\xC0\x80", "ab\xE0\x80\x80",
                           "ab\xED\xA0\x80", "ab\xF4\x90\x80\x80", "ab\xF8\x88\x80\x80\x80"})
    EXPECT_THAT(first_bad_byte(text), Optional(Eq(2U))) << text;
}

TEST(Utf8, SaysWhatToDoAboutAFile) {
  using namespace std::string_view_literals;
  EXPECT_EQ(remedy_for_text("# caf\xC3\xA9\n"), "");
  EXPECT_EQ(remedy_for_text("A=a\0b"sv), "remove the NUL byte");
  EXPECT_EQ(remedy_for_text("#\xE9\n"), "save the file as UTF-8");
  for (const std::string_view wide : {"\xFF\xFE#\0"sv, "\xFE\xFF\0#"sv, "A\0=\0"sv, "\0A\0="sv})
    EXPECT_THAT(std::string(remedy_for_text(wide)), testing::HasSubstr("UTF-16"));
}

TEST(Utf8, EnvFileHasNoNul) {
  const std::string text("# one \0\nA=a\0b\n", 15);
  Sources sources;
  const auto read = read_env_file(text, sources.add(".env.sample", text), sources);
  ASSERT_FALSE(read);
  EXPECT_EQ(position_of(read.error()).line, 2);
  EXPECT_EQ(position_of(read.error()).column, 4);
  EXPECT_EQ(read.error().field("remedy"), "remove the NUL byte");
}

TEST(Utf8, PlaceCountsLinesAndBytes) {
  EXPECT_EQ(line_column("a\nbc\nd", 0), (LineColumn{1, 1}));
  EXPECT_EQ(line_column("a\nbc\nd", 3), (LineColumn{2, 2}));
  EXPECT_EQ(line_column("a\nbc\nd", 5), (LineColumn{3, 1}));
  EXPECT_EQ(line_column("a\n", 9), (LineColumn{2, 1}));
}

TEST(Utf8, ComposeFileSaysWhere) {
  const std::string text = "# caf\xC3\xA9\nservices:\n  app:\n    image: caf\xE9\n";
  Sources sources;
  const auto read = read_tree(text, sources.add("compose.yml", text), sources);
  ASSERT_FALSE(read);
  EXPECT_EQ(position_of(read.error()).line, 4);
  EXPECT_EQ(position_of(read.error()).column, 15);
}

TEST(Utf8, EnvFilesSayWhere) {
  const std::string text = "# caf\xE9\nA=1 # caf\xE9\nB=\"one\ntw\xF6\"\n";
  Sources sources;
  const auto read = read_env_file(text, sources.add(".env.sample", text), sources);
  ASSERT_FALSE(read);
  EXPECT_EQ(position_of(read.error()).line, 4);
  EXPECT_EQ(position_of(read.error()).column, 3);
  const std::string docker = "# caf\xE9\n  A=\xFF\n";
  const auto other = read_docker_env(docker, sources.add("app.env", docker), sources, {});
  ASSERT_FALSE(other);
  EXPECT_EQ(position_of(other.error()).line, 2);
  EXPECT_EQ(position_of(other.error()).column, 5);
}

}  // namespace
}  // namespace ccci::recipe
