// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::report {
namespace {

using base::Progress;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class HandClock final : public base::Clock {
 public:
  Time now() override { return now_; }
  void turn(milliseconds by) { now_ += by; }

 private:
  Time now_{};
};

class Page final : public Lines {
 public:
  void write(std::string_view text) override { text_ += text; }
  std::string take() { return std::exchange(text_, {}); }

  // What a terminal would show in the end: carriage returns go back, the escape clears the rest.
  std::string seen() const {
    std::string all;
    for (const auto line : base::split(text_, '\n')) {
      const std::size_t redraw = line.rfind('\r');
      std::string_view last = redraw == std::string_view::npos ? line : line.substr(redraw + 1);
      const std::size_t clear = last.find("\x1b[K");
      all += last.substr(0, clear);
      if (clear != std::string_view::npos) all += last.substr(clear + 3);
      all += '\n';
    }
    all.pop_back();
    return all;
  }

 private:
  std::string text_;
};

class ProgressTest : public testing::Test {
 protected:
  std::unique_ptr<Display> make(bool terminal, int verbosity = 0, int columns = 80) {
    return make_progress(page_, {.terminal = terminal, .columns = columns}, verbosity, clock_);
  }

  HandClock clock_;
  Page page_;
};

TEST_F(ProgressTest, PlainTellsBeginAndEnd) {
  const auto progress = make(false);
  progress->begin("unpacking packages", 145, Progress::Unit::things);
  for (int i = 0; i < 145; ++i) progress->advance(1, "git 1:2.39.5");
  clock_.turn(milliseconds(2100));
  progress->end();
  EXPECT_EQ(page_.take(),
            "unpacking packages (145)\n"
            "unpacking packages: 145 in 2.1 s\n");
}

TEST_F(ProgressTest, PlainSaysEveryTenSecondsHowFarItIs) {
  const auto progress = make(false);
  progress->begin("fetching archives", 120'000'000, Progress::Unit::bytes);
  page_.take();
  for (int second = 1; second <= 25; ++second) {
    clock_.turn(milliseconds(1000));
    progress->advance(2'000'000, "git");
  }
  EXPECT_EQ(page_.take(),
            "[ 20 MB/120 MB] fetching archives  git  2.0 MB/s  50.0 s left\n"
            "[ 40 MB/120 MB] fetching archives  git  2.0 MB/s  40.0 s left\n");
}

TEST_F(ProgressTest, PlainTellsWhereItStopped) {
  const auto progress = make(false);
  progress->begin("unpacking packages", 145, Progress::Unit::things);
  progress->advance(12, "git");
  page_.take();
  progress->end();
  EXPECT_EQ(page_.take(), "unpacking packages: 12 of 145 in 0 ms\n");
}

TEST_F(ProgressTest, VerboseHasALinePerItem) {
  const auto progress = make(true, 1);
  progress->begin("unpacking packages", 2, Progress::Unit::things);
  progress->advance(1, "git 1:2.39.5");
  progress->advance(0, "");
  progress->advance(1, "jq 1.6");
  progress->end();
  EXPECT_EQ(page_.take(),
            "unpacking packages (2)\n"
            "[1/2] unpacking packages  git 1:2.39.5\n"
            "[2/2] unpacking packages  jq 1.6\n"
            "unpacking packages: 2 in 0 ms\n");
}

TEST_F(ProgressTest, QuietSaysOnlyWhatMatters) {
  const auto progress = make(true, -1);
  progress->begin("unpacking packages", 2, Progress::Unit::things);
  progress->advance(2, "git");
  progress->end();
  EXPECT_EQ(page_.take(), "");
  progress->note("the mirror is slow");
  EXPECT_EQ(page_.take(), "cc-ci: note: the mirror is slow\n");
}

TEST_F(ProgressTest, TerminalShowsCountItemShareAndTimeLeft) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 145, Progress::Unit::things);
  clock_.turn(milliseconds(2000));
  progress->advance(62, "git 1:2.39.5");
  EXPECT_EQ(page_.seen(), "[ 62/145] unpacking packages  git 1:2.39.5  ████░░░░░░ 42%  2.7 s left");
}

TEST_F(ProgressTest, EstimateNeverCountsUp) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 40, Progress::Unit::things);
  clock_.turn(milliseconds(20'000));
  progress->advance(20, "git");
  page_.take();
  clock_.turn(milliseconds(15'000));
  progress->advance(0, "waits");
  EXPECT_THAT(page_.seen(), testing::HasSubstr("5.0 s left"));
  clock_.turn(milliseconds(15'000));
  progress->advance(0, "still waits");
  EXPECT_THAT(page_.seen(), testing::Not(testing::HasSubstr("left")));
}

TEST_F(ProgressTest, FewThingsGiveNoEstimate) {
  const auto progress = make(true);
  progress->begin("testing demo", 8, Progress::Unit::things);
  clock_.turn(milliseconds(2000));
  progress->advance(1, "install pass");
  EXPECT_THAT(page_.seen(), testing::Not(testing::HasSubstr("left")));
}

TEST_F(ProgressTest, TerminalLeavesOneLinePerStepBehind) {
  const auto progress = make(true);
  for (const char* what : {"fetching archives", "unpacking packages"}) {
    progress->begin(what, 10'000'000, Progress::Unit::bytes);
    for (int i = 0; i < 10; ++i) {
      clock_.turn(milliseconds(200));
      progress->advance(1'000'000, "git");
    }
    progress->end();
  }
  EXPECT_EQ(page_.seen(),
            "fetching archives: 10 MB in 2.0 s, 5.0 MB/s\n"
            "unpacking packages: 10 MB in 2.0 s, 5.0 MB/s\n");
}

TEST_F(ProgressTest, TerminalKeepsSilentAboutStepsWithNothingToDo) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 0, Progress::Unit::things);
  progress->end();
  EXPECT_EQ(page_.seen(), "");
}

TEST_F(ProgressTest, TerminalIsDrawnTenTimesASecondAtMost) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 10'000, Progress::Unit::things);
  for (int i = 0; i < 10'000; ++i) {
    progress->advance(1, "x");
    if (i % 10 == 0) clock_.turn(milliseconds(1));
  }
  const std::string text = page_.take();
  EXPECT_LE(std::count(text.begin(), text.end(), '\r'), 12);
  EXPECT_GE(std::count(text.begin(), text.end(), '\r'), 9);
}

TEST_F(ProgressTest, TerminalLineFitsWhateverTheWidth) {
  for (int columns = 20; columns <= 120; ++columns) {
    const auto progress = make(true, 0, columns);
    progress->begin("unpacking packages", 5'000'000'000, Progress::Unit::bytes);
    clock_.turn(milliseconds(60'000));
    progress->advance(1'234'567'890,
                      "libsomething-with-a-very-long-name-日本語 1:2.39.5-0+deb12u2");
    EXPECT_LT(width_of(page_.seen()), static_cast<std::size_t>(columns)) << page_.seen();
    page_.take();
  }
}

TEST_F(ProgressTest, TerminalMakesWayForANoteAndComesBack) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 2, Progress::Unit::things);
  progress->note("odd\nthing");
  EXPECT_EQ(page_.seen(), "cc-ci: note: odd\\nthing\n[0/2] unpacking packages  ░░░░░░░░░░ 0%");
}

TEST_F(ProgressTest, TerminalTakesAnUnfinishedLineAway) {
  auto progress = make(true);
  progress->begin("unpacking packages", 2, Progress::Unit::things);
  progress.reset();
  EXPECT_EQ(page_.seen(), "");
}

TEST_F(ProgressTest, NamesFromOutsideCannotRepaint) {
  const auto progress = make(true);
  progress->begin("unpacking packages", 2, Progress::Unit::things);
  page_.take();
  clock_.turn(milliseconds(200));
  progress->advance(1, "\x1b[2Jevil\r");
  EXPECT_THAT(page_.seen(), HasSubstr("\\x1b[2Jevil\\x0d"));
}

TEST_F(ProgressTest, CountsWhatSeveralThreadsReport) {
  const auto progress = make(false);
  progress->begin("unpacking packages", 4000, Progress::Unit::things);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) progress->advance(1, "x");
    });
  }
  for (std::thread& thread : threads) thread.join();
  progress->end();
  EXPECT_THAT(page_.take(), HasSubstr("unpacking packages: 4000 in"));
}

}  // namespace
}  // namespace ccci::report
