// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a maintainer script, before anything is expanded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::environment {

// A word before expansion: pieces of text and variables, so that a loop can expand it repeatedly.
struct Piece {
  bool variable = false;
  std::string text;  // literal text, or the name of the variable
  bool quoted = false;
};
using Word = std::vector<Piece>;
using Line = std::vector<Word>;  // one simple command
// The second word of a line that begins a function: no word of a script is a lone parenthesis.
inline constexpr std::string_view function_mark = "(";

// Whether a variable's name may have it.
bool name_character(char c);

// Splits a script into simple commands. Control words (if, then, do, …) stay in their line.
std::vector<Line> script_lines(std::string_view script);

}  // namespace ccci::environment
