// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/nix_lexer.hpp"

#include <algorithm>

namespace ccci::prove {

namespace {

bool begins_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_name(char c) { return begins_name(c) || is_digit(c) || c == '\'' || c == '-'; }
bool in_path(char c) { return in_name(c) || c == '.' || c == '/' || c == '+' || c == '~'; }

// Uses a stack of modes instead of recursion, so that hostile nesting needs only memory in
// proportion to the text.
enum class Mode { code, plain, indented };

constexpr std::size_t most_unclosed = 64;

class NixLexer {
 public:
  explicit NixLexer(std::string_view text) : text_(text) { modes_.push_back(Mode::code); }

  std::vector<NixPiece> run() {
    while (at_ < text_.size()) {
      if (modes_.back() == Mode::code) {
        code();
      } else {
        literal(modes_.back() == Mode::indented);
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view ahead(std::size_t length) const { return text_.substr(at_, length); }

  void emit(NixToken token, std::size_t length) {
    out_.push_back({token, text_.substr(at_, length), at_, out_.size()});
    at_ += length;
  }

  void open(NixToken token, std::size_t length) {
    emit(token, length);
    open_.push_back(out_.size() - 1);
  }

  void close(NixToken token, std::size_t length) {
    emit(token, length);
    const std::size_t mine = out_.size() - 1;
    // Skips brackets that were opened later and never closed, up to a limit.
    std::size_t level = open_.size();
    while (level > 0 && open_.size() - level < most_unclosed &&
           !pairs(out_[open_[level - 1]], out_[mine]))
      --level;
    if (level == 0 || !pairs(out_[open_[level - 1]], out_[mine])) return;
    open_.resize(level);
    out_[open_.back()].match = mine;
    out_[mine].match = open_.back();
    open_.pop_back();
  }

  static bool pairs(const NixPiece& first, const NixPiece& last) {
    if (last.token == NixToken::string_end) return first.token == NixToken::string_begin;
    if (first.token != NixToken::punctuation) return false;
    return (first.text == "[" && last.text == "]") || (first.text == "(" && last.text == ")") ||
           ((first.text == "{" || first.text == "${") && last.text == "}");
  }

  void code() {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.size(), text_.find('\n', at_));
    } else if (ahead(2) == "/*") {
      const std::size_t end = text_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else if (c == '"') {
      open(NixToken::string_begin, 1);
      modes_.push_back(Mode::plain);
    } else if (ahead(2) == "''") {
      open(NixToken::string_begin, 2);
      modes_.push_back(Mode::indented);
    } else if (is_path()) {
      emit(NixToken::path, path_length());
    } else if (begins_name(c)) {
      std::size_t length = 1;
      while (at_ + length < text_.size() && in_name(text_[at_ + length])) ++length;
      emit(NixToken::name, length);
    } else if (is_digit(c)) {
      std::size_t length = 1;
      while (at_ + length < text_.size() && is_digit(text_[at_ + length])) ++length;
      emit(NixToken::other, length);
    } else {
      punctuation(c);
    }
  }

  void punctuation(char c) {
    if (ahead(2) == "${") {
      open(NixToken::punctuation, 2);
      modes_.push_back(Mode::code);
    } else if (c == '{') {
      open(NixToken::punctuation, 1);
      modes_.push_back(Mode::code);
    } else if (c == '[' || c == '(') {
      open(NixToken::punctuation, 1);
    } else if (c == '}') {
      close(NixToken::punctuation, 1);
      if (modes_.size() > 1) modes_.pop_back();
    } else if (c == ']' || c == ')') {
      close(NixToken::punctuation, 1);
    } else {
      const std::string_view two = ahead(2);
      const bool pair = two == "++" || two == "==" || two == "//" || two == "&&" || two == "||" ||
                        two == "->" || two == "!=" || two == "<=" || two == ">=";
      emit(NixToken::punctuation, pair ? 2 : 1);
    }
  }

  // ./x, ../x, ~/x, /x/y, a/b, <nixpkgs>. "a / b" with spaces is a division.
  bool is_path() const {
    const char c = text_[at_];
    if (c == '<') {
      const std::size_t end = text_.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/", at_ + 1);
      return end != std::string_view::npos && end > at_ + 1 && text_[end] == '>';
    }
    if (c != '.' && c != '~' && c != '/') return false;
    std::size_t i = at_;
    while (i < text_.size() && text_[i] == '.' && i < at_ + 2) ++i;
    if (c == '~') ++i;
    return i + 1 < text_.size() && text_[i] == '/' && in_path(text_[i + 1]) && text_[i + 1] != '/';
  }

  std::size_t path_length() const {
    if (text_[at_] == '<') return text_.find('>', at_) - at_ + 1;
    std::size_t length = 1;
    while (at_ + length < text_.size() && in_path(text_[at_ + length])) ++length;
    return length;
  }

  // Literal text up to its end or the next interpolation. In '' … '' escapes begin with '', in " …
  // " with a backslash. "$$" never begins an interpolation.
  void literal(bool indented) {
    std::size_t i = at_;
    while (i < text_.size()) {
      const std::string_view rest = text_.substr(i);
      if (rest.starts_with("$$")) {
        i += 2;
      } else if (rest.starts_with("${")) {
        break;
      } else if (indented && rest.starts_with("''")) {
        if (rest.starts_with("''$") || rest.starts_with("'''")) {
          i += 3;
        } else if (rest.starts_with("''\\")) {
          i += 4;
        } else {
          break;
        }
      } else if (!indented && rest.starts_with("\\")) {
        i += 2;
      } else if (!indented && rest.starts_with("\"")) {
        break;
      } else {
        ++i;
      }
    }
    i = std::min(i, text_.size());
    if (i > at_) emit(NixToken::string_text, i - at_);
    if (at_ >= text_.size()) return;
    if (ahead(2) == "${") {
      open(NixToken::punctuation, 2);
      modes_.push_back(Mode::code);
    } else {
      close(NixToken::string_end, indented ? 2 : 1);
      modes_.pop_back();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Mode> modes_;
  std::vector<std::size_t> open_;
  std::vector<NixPiece> out_;
};

}  // namespace

std::vector<NixPiece> nix_tokens(std::string_view text) { return NixLexer(text).run(); }

}  // namespace ccci::prove
