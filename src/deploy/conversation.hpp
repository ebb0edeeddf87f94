// SPDX-License-Identifier: GPL-3.0-or-later
// Another program, spoken with through its input and output.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "deploy/stream.hpp"

namespace ccci::deploy {

// A program at work, and both ends of what is said with it.
class Conversation : public Stream {
 public:
  // What it printed beside, and how it ended: as Outcome has it, `out` empty. Closes its input
  // first; where that does not end it, it is killed after a while, and at once where it fell silent
  // or the conversation was interrupted.
  virtual base::Outcome finish() = 0;
};

// [base.exec]
base::Result<std::unique_ptr<Conversation>> converse_with(const std::vector<std::string>& argv,
                                                          Patience patience = {});

}  // namespace ccci::deploy
