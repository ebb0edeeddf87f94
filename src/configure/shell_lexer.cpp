// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/shell_lexer.hpp"

#include <algorithm>
#include <cctype>

namespace ccci::configure {

namespace {

using Kind = ShellToken::Kind;

bool is_in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool has_substitution(std::string_view text) {
  return text.find('`') != std::string_view::npos || text.find("$(") != std::string_view::npos;
}

}  // namespace

void ShellLexer::skip_blanks() {
  for (;;) {
    const char c = peek();
    if (c == '\\' && peek(1) == '\n') {
      at_ += 2;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

ShellToken ShellLexer::next() {
  skip_blanks();
  if (at_ >= text_.size() || !certain_) return {};
  const char c = peek();
  const auto take = [this](Kind kind, std::size_t size) {
    at_ += size;
    return ShellToken{kind, std::string(text_.substr(at_ - size, size))};
  };
  if (c == '\n') {
    if (resume_ <= at_) return take(Kind::separator, 1);
    at_ = resume_;
    return {Kind::separator, "\n"};
  }
  if (c == ';' && peek(1) == ';') return take(Kind::case_end, 2);
  if ((c == '|' || c == '&') && peek(1) == c) return take(Kind::separator, 2);
  if (c == ';' || c == '|' || (c == '&' && peek(1) != '>')) return take(Kind::separator, 1);
  if (c == '(') return take(Kind::open, 1);
  if (c == ')') return take(Kind::close, 1);
  return is_in("<>&", c) ? redirection() : word();
}

ShellToken ShellLexer::redirection() {
  ShellToken token{Kind::redirection, {}};
  while (is_in("<>&|-", peek()) && token.text.size() < 3) token.text.push_back(text_[at_++]);
  if (token.text.ends_with("&-")) return {Kind::separator, ""};  // closes a descriptor
  return token;
}

ShellToken ShellLexer::word() {
  ShellToken token{Kind::word, {}};
  while (at_ < text_.size() && certain_) {
    const char c = peek();
    if (is_in(" \t\r\n;&|()<>", c)) break;
    token.plain = token.plain && !is_in("\\'\"$`", c);
    if (c == '\\') {
      if (peek(1) != '\n') token.text.append(text_.substr(at_ + 1, 1));
      at_ = std::min(at_ + 2, text_.size());
    } else if (c == '\'') {
      const std::size_t end = text_.find('\'', at_ + 1);
      if (end == std::string_view::npos) {
        give_up();
        break;
      }
      token.text.append(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
    } else if (c == '"') {
      quoted(token);
    } else if (c == '$' || c == '`') {
      expansion(token, false);
    } else {
      token.text.push_back(c);
      ++at_;
    }
  }
  // A number before '<' or '>' is the descriptor of the redirection.
  const bool number = !token.text.empty() && token.plain &&
                      std::all_of(token.text.begin(), token.text.end(), is_digit);
  return number && is_in("<>", peek()) ? redirection() : token;
}

void ShellLexer::quoted(ShellToken& token) {
  ++at_;
  while (at_ < text_.size() && peek() != '"' && certain_) {
    if (peek() == '\\') {
      token.text.append(text_.substr(at_ + 1, 1));
      at_ = std::min(at_ + 2, text_.size());
    } else if (peek() == '$' || peek() == '`') {
      expansion(token, true);
    } else {
      token.text.push_back(text_[at_++]);
    }
  }
  if (at_ >= text_.size()) give_up();
  ++at_;
}

// Without quotes, an empty $2 disappears: `[ -n $2 ]` is true. So there it counts only as a part of
// a longer word: x$2.
void ShellLexer::parameter(ShellToken& token, std::string_view name, bool counts) {
  if (name == "1" || (counts && (name == "2" || name == "2-" || name == "2:-"))) {
    token.text += name.front();
  }
}

void ShellLexer::expansion(ShellToken& token, bool in_quotes) {
  const bool counts = in_quotes || !token.text.empty();
  token.text.push_back('$');
  if (peek() == '`') {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) return give_up();
    token.substitutions.emplace_back(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return;
  }
  ++at_;
  if (peek() == '(' && peek(1) == '(') {  // arithmetic
    if (has_substitution(bracketed('(', ')'))) give_up();
  } else if (peek() == '(') {
    token.substitutions.emplace_back(bracketed('(', ')'));
  } else if (peek() == '{') {
    const std::string_view inner = bracketed('{', '}');
    if (has_substitution(inner)) give_up();
    parameter(token, inner, counts);
  } else if (is_digit(peek())) {
    parameter(token, text_.substr(at_, 1), counts);
    ++at_;
  } else if (is_name(peek())) {
    while (is_name(peek())) ++at_;
  } else if (is_in("@*#?-$!", peek())) {
    ++at_;
  }
}

// The text within the bracket at the present position; goes on after it. Brackets in quotes do not
// count.
std::string_view ShellLexer::bracketed(char open, char close) {
  const std::size_t from = at_;
  int level = 0;
  char quote = '\0';
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\\') {
      ++at_;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == open) {
      ++level;
    } else if (c == close && --level == 0) {
      ++at_;
      return text_.substr(from + 1, at_ - from - 2);
    }
  }
  at_ = text_.size();
  give_up();
  return {};
}

void ShellLexer::skip_here_document(const std::string& delimiter, bool tabs, bool expands) {
  std::size_t line = text_.find('\n', at_);
  if (line == std::string_view::npos) return give_up();
  if (resume_ > line) line = resume_ - 1;
  for (std::size_t begin = line + 1; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    std::string_view content = text_.substr(begin, end - begin);
    while (tabs && content.starts_with('\t')) content.remove_prefix(1);
    if (content == delimiter) {
      resume_ = std::min(end + 1, text_.size());
      return;
    }
    if (expands && has_substitution(content)) break;
    begin = end + 1;
  }
  give_up();
}

}  // namespace ccci::configure
