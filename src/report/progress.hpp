// SPDX-License-Identifier: GPL-3.0-or-later
// How long work looks while it goes on. Nothing here has a thread of its own: lines appear when the
// engine reports something.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "report/style.hpp"

namespace ccci::report {

// Where the lines go: a descriptor, or a test's string.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual void write(std::string_view text) = 0;
};
// Writes at once and ignores what goes wrong: progress that nobody can see must not stop the work.
Lines& standard_error();

class Display : public base::Progress {
 public:
  // A whole line or several among the others; an unfinished line makes way.
  virtual void print(std::string_view text) = 0;
};

// verbosity -1: warnings only; 0: on a terminal one line redrawn ten times a second at most and
// replaced by a summary at the end of each step, elsewhere a line when a step begins, every ten
// seconds and when it ends; 1: a line per item. Destroyed in the middle of a step, it takes its
// unfinished line away.
std::unique_ptr<Display> make_progress(Lines& lines, const Style& style, int verbosity,
                                       base::Clock& clock);

}  // namespace ccci::report
