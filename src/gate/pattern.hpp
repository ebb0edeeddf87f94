// SPDX-License-Identifier: GPL-3.0-or-later
// A POSIX extended regular expression, found in a line as `grep -E` finds it. Bounded where it is
// read: std::regex recurses once per character of its input, and the C library's own expands
// nested repetitions in memory, so neither may meet a text or a pattern of any size.
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

  bool in_line(std::string_view line) const;      // only the first 64 KiB of a line are looked at
  bool in_output(std::string_view output) const;  // in some line of it
  // Found in whatever line: `.*`, `^`, `x?`.
  bool always() const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace ccci::gate
