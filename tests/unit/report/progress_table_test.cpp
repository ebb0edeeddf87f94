// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress_table.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace ccci::report {
namespace {

class Written final : public Lines {
 public:
  void write(std::string_view part) override { text += part; }
  std::string text;
};

class Hands final : public base::Clock {
 public:
  Time now() override { return now_; }
  void turn(std::chrono::milliseconds time) { now_ += time; }

 private:
  Time now_{std::chrono::hours(1)};
};

class ProgressTableTest : public ::testing::Test {
 protected:
  ProgressTable table(bool terminal, int columns = 80, int verbosity = 0) {
    return ProgressTable(lines_, {.color = false, .terminal = terminal, .columns = columns},
                         verbosity, clock_, {"a", "ci-2"});
  }
  std::string take() { return std::exchange(lines_.text, ""); }

  Written lines_;
  Hands clock_;
};

TEST_F(ProgressTableTest, ElsewhereALineWheneverSomethingElseBegins) {
  {
    ProgressTable one = table(false);
    one.step(0, "sending");
    one.advance(0, 10, 100);
    one.step(0, "sending");
    one.step(1, "connecting\x1b[2J");
    one.step(0, "switched");
  }
  EXPECT_EQ(take(), "a: sending\nci-2: connecting\\x1b[2J\na: switched\n");
}

// A log of a deployment over a slow line shows that it goes on.
TEST_F(ProgressTableTest, ElsewhereALongStepSaysHowFarItIs) {
  ProgressTable one = table(false);
  one.step(0, "sending");
  take();
  clock_.turn(std::chrono::seconds(9));
  one.advance(0, 1'000'000, 10'000'000);
  EXPECT_EQ(take(), "");
  clock_.turn(std::chrono::seconds(1));
  one.advance(0, 2'000'000, 10'000'000);
  one.advance(0, 2'100'000, 10'000'000);
  EXPECT_EQ(take(), "a: sending 2.0 MB of 10 MB\n");
}

TEST_F(ProgressTableTest, OnATerminalTheRowsAreRedrawnInPlaceAndTakenAway) {
  {
    ProgressTable one = table(true);
    one.step(0, "sending");
    EXPECT_EQ(take(), "\ra     sending\x1b[K\n\rci-2  \x1b[K\n");
    one.advance(0, 1'000'000, 10'000'000);
    EXPECT_EQ(take(), "");  // not more often than ten times a second
    clock_.turn(std::chrono::milliseconds(100));
    one.advance(0, 2'000'000, 10'000'000);
    EXPECT_EQ(take(), "\x1b[2A\ra     sending  2.0 MB of 10 MB\x1b[K\n\rci-2  \x1b[K\n");
    // What begins is shown at once.
    one.step(1, "switching");
    EXPECT_NE(take().find("ci-2  switching"), std::string::npos);
  }
  EXPECT_EQ(take(), "\x1b[2A\r\x1b[J");
}

TEST_F(ProgressTableTest, ARowIsNeverWiderThanTheTerminal) {
  ProgressTable one = table(true, 12);
  one.step(0, "not reachable any more");
  EXPECT_NE(take().find("\ra     not …\x1b[K"), std::string::npos);
}

TEST_F(ProgressTableTest, QuietSaysNothing) {
  {
    ProgressTable one = table(true, 80, -1);
    one.step(0, "sending");
    one.advance(0, 1, 2);
  }
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace ccci::report
