// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of a wheel. tests/build/pypi_test.py unpacks whole wheels.
#include "store/wheel_text.hpp"

#include <gtest/gtest.h>

namespace ccci::store {
namespace {

TEST(WheelText, NamesAndVersionsHaveOneForm) {
  EXPECT_EQ(normal_project("Foo__Bar.-baz"), "foo-bar-baz");
  EXPECT_EQ(normal_version("1.0+Local-1"), normal_version("1.0_local.1"));
  EXPECT_EQ(header_field("Wheel-Version: 1.0\nTag: py3-none-any\n", "Wheel-Version"), "1.0");
  EXPECT_EQ(header_field("Tag: a\n", "Wheel-Version"), "");
}

TEST(WheelText, ReadsTheListOfDigests) {
  const auto lines = read_record_lines(
      "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n"
      "\"b,\"\"c.py\",sha512=x,1\n"
      "a-1.dist-info/RECORD,,\n");
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ(lines->at(0).digest->hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(lines->at(1).path, "b,\"c.py");
  EXPECT_FALSE(lines->at(1).digest);
  EXPECT_FALSE(lines->at(2).digest);
  EXPECT_FALSE(read_record_lines("a.py\n"));
  EXPECT_FALSE(read_record_lines("\"a.py,,\n"));
  EXPECT_FALSE(read_record_lines("a.py,sha256=short,1\n")->at(0).digest);
}

TEST(WheelText, ReadsTheCommands) {
  const auto scripts = console_scripts(
      "[other]\nx = y:z\n\n[console_scripts]\n# comment\npytest = pytest:console_main\n"
      "py.test=pytest:console_main [extra]\n[gui_scripts]\nshow = app.gui:App.run\n");
  ASSERT_TRUE(scripts);
  ASSERT_EQ(scripts->size(), 3U);
  EXPECT_EQ(scripts->at(0).name, "pytest");
  EXPECT_EQ(scripts->at(1).function, "console_main");
  EXPECT_EQ(scripts->at(2).module, "app.gui");
  EXPECT_NE(script_text(scripts->at(2)).find("from app.gui import App\n"), std::string::npos);
  EXPECT_NE(script_text(scripts->at(2)).find("sys.exit(App.run())\n"), std::string::npos);
}

TEST(WheelText, RefusesCommandsThatWouldBeCodeOrLeaveTheirDirectory) {
  for (const char* line : {"../x = a:b", "-x = a:b", "x = a;import os:b", "x = a:b()", "x = a", "x",
                           "x y = a:b", "x = :b", "x = a:b'"}) {
    EXPECT_FALSE(console_scripts(std::string("[console_scripts]\n") + line + "\n")) << line;
  }
}

}  // namespace
}  // namespace ccci::store
