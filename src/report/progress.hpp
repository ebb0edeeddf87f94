// SPDX-License-Identifier: GPL-3.0-or-later
// Displays the progress of long work. It uses no thread: a line is printed only when the working
// code reports progress.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "report/style.hpp"

namespace ccci::report {

// The destination of the lines: a descriptor, or a string of a test.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual void write(std::string_view text) = 0;
};
// Writes without a buffer and ignores errors: a failed write of progress must not stop the work.
Lines& standard_error();

class Display : public base::Progress {
 public:
  // Prints one or more whole lines. An unfinished progress line is erased first.
  virtual void print(std::string_view text) = 0;
};

// verbosity -1: only warnings. 0: a terminal shows one line that is redrawn at most ten times a
// second and replaced by a summary at the end of each step; elsewhere a line is printed when a step
// begins, every ten seconds, and when it ends. 1: one line per item. The destructor erases an
// unfinished line.
std::unique_ptr<Display> make_progress(Lines& lines, const Style& style, int verbosity,
                                       base::Clock& clock);

}  // namespace ccci::report
