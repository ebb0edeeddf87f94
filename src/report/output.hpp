// SPDX-License-Identifier: GPL-3.0-or-later
// A stream of results. What could not be written is an error, and a reader that went away is not.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::report {

class Output {
 public:
  // Does not own the descriptor. `name` is how messages call it: "standard output".
  Output(int fd, std::string name);

  // Gathers; written out when much has gathered and by flush().
  void write(std::string_view text);
  void line(std::string_view text);

  // [base.write] for the first write that did not go through, now or before.
  base::Result<void> flush();
  // The reader closed its end (EPIPE, with SIGPIPE ignored): not an error, and nothing more is
  // written.
  bool reader_gone() const { return reader_gone_; }

 private:
  void drain();

  int fd_;
  std::string name_;
  std::string gathered_;
  int problem_ = 0;
  bool reader_gone_ = false;
};

}  // namespace ccci::report
