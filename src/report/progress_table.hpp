// SPDX-License-Identifier: GPL-3.0-or-later
// The progress of several parallel jobs, one row per job. A terminal shows a table that is redrawn
// in place. Elsewhere a line is printed when a job begins another step, and every ten seconds how
// far it is.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "report/progress.hpp"
#include "report/style.hpp"

namespace ccci::report {

// May be called from several threads at once. The destructor erases the rows.
class ProgressTable {
 public:
  // verbosity -1: prints nothing.
  ProgressTable(Lines& lines, const Style& style, int verbosity, base::Clock& clock,
                std::vector<std::string> names);
  ProgressTable(const ProgressTable&) = delete;
  ProgressTable& operator=(const ProgressTable&) = delete;
  ~ProgressTable();

  // Sets what the row's job does now; `what` must be printable.
  void step(std::size_t row, std::string_view what);
  // Sets how much of that step is done.
  void advance(std::size_t row, std::uint64_t done, std::uint64_t total);

 private:
  struct Row {
    std::string name;
    std::string step;
    std::string detail;
    base::Clock::Time told;  // where there is no terminal
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
