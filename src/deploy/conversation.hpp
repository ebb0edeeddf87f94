// SPDX-License-Identifier: GPL-3.0-or-later
// Communication with another program through its stdin and stdout.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "deploy/stream.hpp"

namespace ccci::deploy {

// A running program, with a stream to its stdin and from its stdout.
class Conversation : public Stream {
 public:
  // Ends the program. Returns its stderr and its exit status; `out` is empty. Closes its stdin
  // first. If the program does not end then, it is killed after a grace period. It is killed at
  // once if it fell silent or if the conversation was interrupted.
  virtual base::Outcome finish() = 0;
};

// [base.exec]
base::Result<std::unique_ptr<Conversation>> converse_with(const std::vector<std::string>& argv,
                                                          Patience patience = {});

}  // namespace ccci::deploy
