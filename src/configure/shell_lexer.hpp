// SPDX-License-Identifier: GPL-3.0-or-later
// Splits the text of a POSIX shell script into tokens. The grammar is in shell_commands.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::configure {

struct ShellToken {
  enum class Kind { word, separator, open, close, case_end, redirection, end };

  Kind kind = Kind::end;
  std::string text;   // of a word: without quotes; "$1", "$2" or "$" for an expansion
  bool plain = true;  // a word without quotes and expansions: it may be a reserved word
  std::vector<std::string> substitutions = {};  // the scripts in $(…) and `…`
};

class ShellLexer {
 public:
  explicit ShellLexer(std::string_view text) : text_(text) {}

  // Kind::end at the end of the text, or if the rest cannot be read.
  ShellToken next();
  // Skips the body of a here-document, which begins on the next line. `expands`: the delimiter had
  // no quotes, so the shell would run substitutions in the body.
  void skip_here_document(const std::string& delimiter, bool tabs, bool expands);

  std::size_t position() const { return at_; }
  void go_back(std::size_t position) { at_ = position; }
  // False if something was found that this lexer does not understand.
  bool certain() const { return certain_; }

 private:
  void give_up() { certain_ = false; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks();
  ShellToken redirection();
  ShellToken word();
  void quoted(ShellToken& token);
  void expansion(ShellToken& token, bool in_quotes);
  void parameter(ShellToken& token, std::string_view name, bool counts);
  std::string_view bracketed(char open, char close);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t resume_ = 0;  // after the here-documents of this line
  bool certain_ = true;
};

}  // namespace ccci::configure
