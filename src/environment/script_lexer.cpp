// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/script_lexer.hpp"

#include <algorithm>
#include <cctype>

namespace ccci::environment {

namespace {

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Line> lines() {
    std::vector<Line> all;
    while (at_ < text_.size()) {
      Line line = read_line();
      if (!line.empty()) all.push_back(std::move(line));
    }
    return all;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_comment() {
    while (more() && peek() != '\n') ++at_;
  }

  // Ends at a newline, or at one of ; & | ( ) { } outside of quotes.
  Line read_line() {
    Line line;
    while (more()) {
      const char c = peek();
      if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (c == ' ' || c == '\t') {
        ++at_;
      } else if (c == '#') {
        skip_comment();
      } else if (c == '(' && line.size() == 1 && closes_at_once()) {
        at_ = text_.find(')', at_) + 1;
        line.push_back({{false, std::string(function_mark), false}});
        return line;
      } else if (c == '\n' || std::string_view(";&|()").find(c) != std::string_view::npos) {
        ++at_;
        if (!line.empty()) return line;
      } else {
        line.push_back(read_word());
        if (begins_function(line)) return line;
      }
    }
    return line;
  }

  // Whether the line is `function name {`, after which the body may go on.
  static bool begins_function(const Line& line) {
    const auto is = [&](std::size_t word, std::string_view text) {
      return line[word].size() == 1 && !line[word][0].variable && line[word][0].text == text;
    };
    return line.size() == 3 && is(0, "function") && is(2, "{");
  }

  // Whether the parenthesis is that of `name()`.
  bool closes_at_once() const {
    const std::size_t next = text_.find_first_not_of(" \t", at_ + 1);
    return next != std::string_view::npos && text_[next] == ')';
  }

  Word read_word() {
    Word word;
    while (more()) {
      const char c = peek();
      if (std::string_view(" \t\n;&|()").find(c) != std::string_view::npos) break;
      if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (c == '\\') {
        literal(word, text_.substr(at_ + 1, 1), true);
        at_ += 2;
      } else if (c == '\'') {
        const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
        literal(word, text_.substr(at_ + 1, end - at_ - 1), true);
        at_ = end + 1;
      } else if (c == '"') {
        ++at_;
        read_quoted(word);
      } else if (c == '$' || c == '`') {
        read_expansion(word, false);
      } else {
        literal(word, text_.substr(at_, 1), false);
        ++at_;
      }
    }
    at_ = std::min(at_, text_.size());
    return word;
  }

  void read_quoted(Word& word) {
    literal(word, "", true);
    while (more() && peek() != '"') {
      if (peek() == '\\') {
        literal(word, text_.substr(at_ + 1, 1), true);
        at_ += 2;
      } else if (peek() == '$' || peek() == '`') {
        read_expansion(word, true);
      } else {
        literal(word, text_.substr(at_, 1), true);
        ++at_;
      }
    }
    ++at_;
  }

  // Reads $NAME, ${NAME}, $1 and $@. Everything else (command substitution, ${x#y}) becomes a
  // variable with a name that cannot be assigned, so it stays unresolved.
  void read_expansion(Word& word, bool quoted) {
    if (peek() == '`') {
      const std::size_t end = std::min(text_.find('`', at_ + 1), text_.size());
      word.push_back({true, "`", quoted});
      at_ = end + 1;
      return;
    }
    ++at_;
    std::string name;
    if (peek() == '{' || peek() == '(') {
      const char close = peek() == '{' ? '}' : ')';
      const std::size_t end = std::min(text_.find(close, at_), text_.size());
      name = std::string(text_.substr(at_ + 1, end - std::min(end, at_ + 1)));
      if (close == ')' || !std::all_of(name.begin(), name.end(), name_character)) name = "`";
      at_ = end + 1;
    } else {
      while (more() && name_character(peek())) name.push_back(text_[at_++]);
      if (name.empty() && (peek() == '@' || peek() == '*')) {
        ++at_;
        name = "@";
      }
      if (name.empty()) {
        literal(word, "$", quoted);
        return;
      }
    }
    word.push_back({true, name, quoted});
  }

  static void literal(Word& word, std::string_view text, bool quoted) {
    if (!word.empty() && !word.back().variable && word.back().quoted == quoted) {
      word.back().text += text;
    } else {
      word.push_back({false, std::string(text), quoted});
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<Line> script_lines(std::string_view script) { return Lexer(script).lines(); }

}  // namespace ccci::environment
