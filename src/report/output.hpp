// SPDX-License-Identifier: GPL-3.0-or-later
// A buffered stream for results. A failed write is an error, but a reader that closed its end is
// not.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::report {

class Output {
 public:
  // Does not own the descriptor. `name` is used in messages: "standard output".
  Output(int fd, std::string name);

  // Adds to the buffer. A full buffer is written; flush() writes the rest.
  void write(std::string_view text);
  void line(std::string_view text);

  // [base.write] if a write failed, now or earlier; reports the first failure.
  base::Result<void> flush();
  // True if the reader closed its end (EPIPE, with SIGPIPE ignored). That is not an error; nothing
  // more is written.
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
