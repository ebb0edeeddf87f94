// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/shell_lexer.hpp"

#include <algorithm>
#include <utility>

namespace ccci::prove {

namespace {

// Deeper nested substitutions are read as text: nobody writes them, and each level costs a scan.
constexpr int deepest_substitution = 16;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_word(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '(' || c == ')' ||
         c == '<' || c == '>';
}

class ShellLexer {
 public:
  ShellLexer(std::string_view text, std::size_t from, std::size_t to, int depth,
             std::vector<ShellCommand>& out)
      : text_(text.substr(0, std::min(to, text.size()))), at_(from), depth_(depth), out_(out) {}

  void run() {
    while (at_ < text_.size()) step();
    finish();
  }

 private:
  struct Pending {  // a here-document whose body begins after the next newline
    std::string delimiter;
    bool strip_tabs;
    std::size_t command;  // index into out_, or of the command being read
  };

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == '\\' && peek(1) == '\n') {
      at_ += 2;
    } else if (c == '\\' && peek(1) == '\r' && peek(2) == '\n') {
      at_ += 3;
    } else if (c == '\n') {
      ++at_;
      finish();
      take_bodies();
    } else if (c == '#') {
      at_ = std::min(text_.size(), text_.find('\n', at_));
    } else if (c == '<' || c == '>' || (c == '&' && peek(1) == '>')) {
      redirect();
    } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
      ++at_;
      finish();
    } else {
      Word read = word();
      // "2>log": the digits are a descriptor.
      const bool descriptor = (peek() == '<' || peek() == '>') && !read.quoted &&
                              std::all_of(read.text.begin(), read.text.end(),
                                          [](char d) { return d >= '0' && d <= '9'; });
      if (!descriptor) current_.words.push_back(std::move(read));
    }
  }

  void finish() {
    if (!current_.words.empty() || !current_.redirects.empty()) {
      for (Pending& pending : pending_)
        if (pending.command == unfinished) pending.command = out_.size();
      out_.push_back(std::move(current_));
    }
    current_ = {};
    // Substitutions come after the command that contains them.
    auto inner = std::exchange(inside_, {});
    for (const auto& [from, to] : inner) ShellLexer(text_, from, to, depth_ + 1, out_).run();
  }

  void redirect() {
    std::string operation;
    if (peek() == '&') ++at_;
    while ((peek() == '<' || peek() == '>') && operation.size() < 3) operation += text_[at_++];
    if (peek() == '(') return;  // process substitution: the parenthesis begins a command
    if (peek() == '&' || peek() == '|') ++at_;
    const bool strip_tabs = operation == "<<" && peek() == '-';
    if (strip_tabs) ++at_;
    while (is_blank(peek())) ++at_;
    if (at_ >= text_.size() || ends_word(peek())) return;
    Word target = word();
    if (operation == "<<") {
      pending_.push_back({target.text, strip_tabs, unfinished});
    } else {
      current_.redirects.push_back({std::move(operation), std::move(target)});
    }
  }

  void take_bodies() {
    for (const Pending& pending : std::exchange(pending_, {})) {
      const std::size_t begin = at_;
      std::size_t end = at_;
      while (at_ < text_.size()) {
        const std::size_t newline = std::min(text_.size(), text_.find('\n', at_));
        std::string_view line = text_.substr(at_, newline - at_);
        end = at_;
        at_ = std::min(text_.size(), newline + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (pending.strip_tabs)
          line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
        if (line == pending.delimiter) break;
        end = at_;
      }
      if (pending.command < out_.size()) out_[pending.command].bodies.emplace_back(begin, end);
    }
  }

  Word word() {
    Word out;
    out.offset = at_;
    while (at_ < text_.size() && !ends_word(text_[at_])) {
      const char c = text_[at_];
      if (c == '\\') {
        escape(out);
      } else if (c == '\'') {
        single_quoted(out, false);
      } else if (c == '"') {
        double_quoted(out);
      } else if (c == '$' && (peek(1) == '\'' || peek(1) == '"')) {
        ++at_;
        if (peek() == '"')
          double_quoted(out);
        else
          single_quoted(out, true);
      } else if (c == '$' || c == '`') {
        expansion(out);
      } else {
        out.text += c;
        ++at_;
      }
    }
    if (peek() == '(' && out.text.size() > 1 && out.text.back() == '=' && !out.quoted) array(out);
    return out;
  }

  void escape(Word& out) {
    if (peek(1) == '\n') {
      at_ += 2;
      return;
    }
    if (at_ + 1 < text_.size()) out.text += text_[at_ + 1];
    out.quoted = true;
    at_ = std::min(text_.size(), at_ + 2);
  }

  void single_quoted(Word& out, bool escapes) {
    out.quoted = true;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '\'') {
      if (escapes && text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.text += text_[at_++];
    }
    at_ = std::min(text_.size(), at_ + 1);
  }

  void double_quoted(Word& out) {
    out.quoted = true;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        if (text_[at_ + 1] != '\n') out.text += text_[at_ + 1];
        at_ += 2;
      } else if (c == '$' || c == '`') {
        expansion(out);
      } else {
        out.text += c;
        ++at_;
      }
    }
    at_ = std::min(text_.size(), at_ + 1);
  }

  // "$…" or "`…`", kept as written. The commands in a command substitution are read later.
  void expansion(Word& out) {
    const std::size_t begin = at_;
    const char next = peek(1);
    if (text_[at_] == '`') {
      std::size_t end = at_ + 1;
      while (end < text_.size() && text_[end] != '`') end += text_[end] == '\\' ? 2U : 1U;
      end = std::min(end, text_.size());
      note_inside(at_ + 1, end);
      at_ = std::min(text_.size(), end + 1);
    } else if (next == '(') {
      const bool arithmetic = peek(2) == '(';
      at_ = skip_brackets(at_ + 1, '(', ')', 0);
      if (!arithmetic) note_inside(begin + 2, at_ > begin + 2 ? at_ - 1 : at_);
    } else if (next == '{') {
      at_ = skip_brackets(at_ + 1, '{', '}', 0);
    } else {
      ++at_;
      out.text += '$';
      out.literal = out.literal && !(next == '_' || next == '@' || next == '*' || next == '?' ||
                                     next == '#' || (next >= '0' && next <= '9') ||
                                     (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'));
      return;
    }
    out.literal = false;
    out.text += text_.substr(begin, at_ - begin);
  }

  void note_inside(std::size_t from, std::size_t to) {
    if (depth_ < deepest_substitution && from < to) inside_.emplace_back(from, to);
  }

  // Skips from an opening bracket past its closing one, over quotes and escapes.
  std::size_t skip_brackets(std::size_t from, char open, char close, int nested) const {
    int level = 0;
    std::size_t i = from;
    while (i < text_.size()) {
      const char c = text_[i];
      if (c == '\\') {
        i += 2;
        continue;
      }
      if (c == '\'' && close == ')') {
        i = std::min(text_.size(), text_.find('\'', i + 1));
      } else if (c == '"') {
        i = skip_double(i, nested);
        continue;
      } else if (c == '<' && close == ')' && text_.substr(i, 2) == "<<") {
        i = skip_here_document(i);
        continue;
      } else if (c == '#' && close == ')' && (is_blank(text_[i - 1]) || text_[i - 1] == '\n')) {
        i = std::min(text_.size(), text_.find('\n', i));
        continue;
      } else if (c == open) {
        ++level;
      } else if (c == close && --level == 0) {
        return i + 1;
      }
      ++i;
    }
    return text_.size();
  }

  // Skips from "<<WORD" inside a substitution to the newline before its delimiter's line. The text
  // may contain quotes without a partner.
  std::size_t skip_here_document(std::size_t from) const {
    std::size_t i = from + 2;
    if (i < text_.size() && (text_[i] == '<' || text_[i] == '(')) return i;
    while (i < text_.size() && (text_[i] == '-' || is_blank(text_[i]))) ++i;
    std::string delimiter;
    for (; i < text_.size() && !ends_word(text_[i]); ++i)
      if (text_[i] != '\'' && text_[i] != '"' && text_[i] != '\\') delimiter += text_[i];
    if (delimiter.empty()) return i;
    for (std::size_t line = std::min(text_.size(), text_.find('\n', i)); line < text_.size();) {
      const std::size_t next = std::min(text_.size(), text_.find('\n', line + 1));
      std::string_view content = text_.substr(line + 1, next - line - 1);
      content.remove_prefix(std::min(content.find_first_not_of(" \t"), content.size()));
      if (content == delimiter) return next;
      line = next;
    }
    return i;
  }

  std::size_t skip_double(std::size_t from, int nested) const {
    std::size_t i = from + 1;
    while (i < text_.size() && text_[i] != '"') {
      if (text_[i] == '\\') {
        i += 2;
      } else if (text_[i] == '$' && i + 1 < text_.size() && nested < deepest_substitution &&
                 (text_[i + 1] == '(' || text_[i + 1] == '{')) {
        i = text_[i + 1] == '(' ? skip_brackets(i + 1, '(', ')', nested + 1)
                                : skip_brackets(i + 1, '{', '}', nested + 1);
      } else {
        ++i;
      }
    }
    return std::min(text_.size(), i + 1);
  }

  void array(Word& out) {
    if (in_array_) return;  // no shell nests them; prevents deep recursion by hostile text
    in_array_ = true;
    out.is_array = true;
    ++at_;
    while (at_ < text_.size() && text_[at_] != ')') {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.size(), text_.find('\n', at_));
      } else if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (ends_word(c)) {
        ++at_;
      } else {
        out.array.push_back(word());
      }
    }
    at_ = std::min(text_.size(), at_ + 1);
    in_array_ = false;
  }

  static constexpr std::size_t unfinished = static_cast<std::size_t>(-1);

  std::string_view text_;
  std::size_t at_;
  int depth_;
  std::vector<ShellCommand>& out_;
  ShellCommand current_;
  bool in_array_ = false;
  std::vector<Pending> pending_;
  std::vector<std::pair<std::size_t, std::size_t>> inside_;
};

}  // namespace

std::vector<ShellCommand> shell_commands(const Snippet& shell, std::size_t from, std::size_t to) {
  std::vector<ShellCommand> out;
  ShellLexer(shell.text(), from, to, 0, out).run();
  return out;
}

std::vector<ShellCommand> shell_commands(const Snippet& shell) {
  return shell_commands(shell, 0, shell.text().size());
}

}  // namespace ccci::prove
