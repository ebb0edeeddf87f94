// SPDX-License-Identifier: GPL-3.0-or-later
// A buffered stream for results. A failed write is an error, but a reader that closed its end is
// not. Text reaches it in two ways: as a line, which is made printable here, or as a Document,
// which only code that made every foreign part printable constructs. So names and versions from a
// lock, a package or a ledger cannot move the cursor of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace ccci::report {

// A text of one or more lines in its final form: help, a table, JSON, a script for a shell.
class Document {
 public:
  explicit Document(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Output {
 public:
  // Does not own the descriptor. `name` is used in messages: "standard output".
  Output(int fd, std::string name);

  // Adds to the buffer. A full buffer is written; flush() writes the rest.
  void write(const Document& document) { add(document.text()); }
  // Adds base::printable(text) and a newline.
  void line(std::string_view text);

  // [base.write] if a write failed, now or earlier; reports the first failure.
  base::Result<void> flush();
  // True if the reader closed its end (EPIPE, with SIGPIPE ignored). That is not an error; nothing
  // more is written.
  bool reader_gone() const { return reader_gone_; }

 private:
  void add(std::string_view text);
  void drain();

  int fd_;
  std::string name_;
  std::string gathered_;
  int problem_ = 0;
  bool reader_gone_ = false;
};

}  // namespace ccci::report
