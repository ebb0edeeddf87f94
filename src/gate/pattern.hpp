// SPDX-License-Identifier: GPL-3.0-or-later
// A POSIX extended regular expression, searched in a line like `grep -E`. The text and the pattern
// are limited in size when they are read: std::regex recurses once per character of its input, and
// the C library's regcomp expands nested repetitions in memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::gate {

class Pattern {
 public:
  // [gate.pattern]
  static base::Result<Pattern> compile(const std::string& text);

  bool in_line(std::string_view line) const;      // reads only the first 64 KiB of a line
  bool in_output(std::string_view output) const;  // in at least one line
  // Whether the pattern matches every line: `.*`, `^`, `x?`.
  bool always() const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace ccci::gate
