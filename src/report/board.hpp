// SPDX-License-Identifier: GPL-3.0-or-later
// Several things that go on at once, a row each: redrawn in place on a terminal, a line whenever
// one begins something else elsewhere.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "report/progress.hpp"
#include "report/style.hpp"

namespace ccci::report {

// May be told from several threads at once. Destroyed, it takes its rows away.
class Board {
 public:
  // verbosity -1: nothing.
  Board(Lines& lines, const Style& style, int verbosity, base::Clock& clock,
        std::vector<std::string> names);
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  ~Board();

  // What the row's thing does now; printable.
  void step(std::size_t row, std::string_view what);
  // How far it is with that.
  void advance(std::size_t row, std::uint64_t done, std::uint64_t total);

 private:
  struct Row {
    std::string name;
    std::string step;
    std::string detail;
  };

  void draw();
  void erase();
  std::string line(const Row& row) const;

  Lines& lines_;
  Style style_;
  bool quiet_;
  base::Clock& clock_;
  std::mutex mutex_;
  std::vector<Row> rows_;
  std::size_t width_ = 0;
  std::size_t drawn_ = 0;  // lines on the terminal
  base::Clock::Time last_;
};

}  // namespace ccci::report
