// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/style.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>

#include <map>
#include <string>

#include "base/fd.hpp"

namespace ccci::report {
namespace {

Variables from(std::map<std::string, std::string> set) {
  return [set = std::move(set)](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  };
}

class StyleOnTerminal : public testing::Test {
 protected:
  void SetUp() override {
    int master = -1;
    int slave = -1;
    winsize size{};
    size.ws_col = 123;
    ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
    master_ = base::Fd(master);
    terminal_ = base::Fd(slave);
  }

  Style style(std::map<std::string, std::string> set,
              ColorChoice choice = ColorChoice::automatic) const {
    return style_of(terminal_.get(), choice, from(std::move(set)));
  }

  base::Fd master_;
  base::Fd terminal_;
};

TEST_F(StyleOnTerminal, ColoursUnlessToldOtherwise) {
  EXPECT_TRUE(style({{"TERM", "xterm"}}).color);
  EXPECT_FALSE(style({{"NO_COLOR", "1"}}).color);
  EXPECT_TRUE(style({{"NO_COLOR", ""}}).color);
  EXPECT_FALSE(style({{"TERM", "dumb"}}).color);
  EXPECT_FALSE(style({}, ColorChoice::never).color);
  EXPECT_TRUE(style({{"NO_COLOR", "1"}}, ColorChoice::always).color);
}

TEST_F(StyleOnTerminal, DoesNotRedrawOnADumbOne) {
  EXPECT_TRUE(style({}).terminal);
  EXPECT_FALSE(style({{"TERM", "dumb"}}).terminal);
}

TEST_F(StyleOnTerminal, TakesItsWidth) {
  EXPECT_EQ(style({}).columns, 123);
  EXPECT_EQ(style({{"COLUMNS", "60"}}).columns, 60);
  EXPECT_EQ(style({{"COLUMNS", "1"}}).columns, 20);
  EXPECT_EQ(style({{"COLUMNS", "wide"}}).columns, 123);
  EXPECT_EQ(style({{"COLUMNS", "99999999999"}}).columns, 123);
}

TEST(StyleOfAFile, HasNoColourUnlessForced) {
  const base::Fd file(open("/dev/null", O_WRONLY | O_CLOEXEC));
  const auto style = [&](std::map<std::string, std::string> set) {
    return style_of(file.get(), ColorChoice::automatic, from(std::move(set)));
  };
  EXPECT_FALSE(style({}).color);
  EXPECT_FALSE(style({}).terminal);
  EXPECT_EQ(style({}).columns, 80);
  EXPECT_TRUE(style({{"CLICOLOR_FORCE", "1"}}).color);
  EXPECT_FALSE(style({{"CLICOLOR_FORCE", "0"}}).color);
  EXPECT_FALSE(style({{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}).color);
}

}  // namespace
}  // namespace ccci::report
