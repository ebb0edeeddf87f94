// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_fault.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace ccci::base {
namespace {

TEST(JsonFaultTest, names_the_place_and_what_is_there) {
  EXPECT_EQ(json_fault("{\"a\": 1,\n \"b\" 2}"), "it is no JSON: line 2, column 6: unexpected '2'");
  EXPECT_EQ(json_fault("[1,,2]"), "it is no JSON: line 1, column 4: unexpected ','");
  EXPECT_EQ(json_fault("<html>"), "it is no JSON: line 1, column 1: unexpected '<'");
  EXPECT_EQ(json_fault("[1 2]"), "it is no JSON: line 1, column 4: unexpected '2'");
  EXPECT_EQ(json_fault("[runtime]"), "it is no JSON: line 1, column 2: unexpected 'r'");
  EXPECT_EQ(json_fault("{\"a\": tru}"), "it is no JSON: line 1, column 10: unexpected '}'");
  // Columns are characters.
  EXPECT_EQ(json_fault("[\"äöü\" 7]"), "it is no JSON: line 1, column 8: unexpected '7'");
}

TEST(JsonFaultTest, a_text_that_ends_has_no_place) {
  EXPECT_EQ(json_fault(""), "it is no JSON: it ends too early");
  EXPECT_EQ(json_fault("{\"a\": ["), "it is no JSON: it ends too early");
}

TEST(JsonFaultTest, control_characters_are_printable) {
  EXPECT_EQ(json_fault("\x1b[31m").find('\x1b'), std::string::npos);
}

TEST(JsonFaultTest, what_the_parser_takes_is_too_deep) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  ASSERT_FALSE(Json::parse(deep));
  EXPECT_EQ(json_fault(deep), "it is no JSON: it is nested too deeply");
}

}  // namespace
}  // namespace ccci::base
