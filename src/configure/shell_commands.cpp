// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/shell_commands.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace ccci::configure {

namespace {

constexpr std::size_t longest_script = 1U << 20U;
constexpr int deepest = 20;

struct Token {
  enum class Kind { word, separator, open, close, case_end, redirection, end };

  Kind kind = Kind::end;
  std::string text;
  bool plain = true;  // a word without quotes and expansions: it may be a reserved word
};

bool is_in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Splits the text into tokens. Command substitutions are read by a reader of their own, and their
// commands are added to the result.
class ShellReader {
 public:
  ShellReader(std::string_view text, ShellScript& out, int depth)
      : text_(text), out_(out), depth_(depth) {
    if (depth > deepest) give_up();
  }

  void read() {
    while (out_.certain) {
      Token token = next();
      if (token.kind == Token::Kind::end) break;
      take(std::move(token));
    }
    flush();
    if (!cases_.empty()) give_up();
  }

 private:
  // Where a `case` stands: after the word, in a pattern, or among the commands of a branch.
  enum class Stage { head, pattern, body };
  struct Case {
    Stage stage = Stage::head;
    bool on_first = false;  // of `$1`, which is "configure" or "install"
    bool matches = false;   // a pattern of this branch may match
  };

  void give_up() { out_.certain = false; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void take(Token token) {
    using Kind = Token::Kind;
    if (!cases_.empty() && cases_.back().stage != Stage::body)
      return take_in_case(std::move(token));
    switch (token.kind) {
      case Kind::separator:
        flush();
        join(token.text);
        break;
      case Kind::word:
        take_word(std::move(token));
        break;
      case Kind::redirection:
        take_redirection(token);
        break;
      case Kind::case_end:
        flush();
        if (cases_.empty()) return give_up();
        cases_.back().stage = Stage::pattern;
        cases_.back().matches = false;
        break;
      case Kind::open:
        // NAME () defines a function.
        if (command_.words.size() == 1 && next_is_close()) {
          out_.functions.push_back(command_.words.front());
          command_ = {};
        } else {
          flush();
        }
        break;
      default:
        flush();
    }
  }

  void take_in_case(Token token) {
    using Kind = Token::Kind;
    Case& now = cases_.back();
    if (now.stage == Stage::head) {
      if (token.kind == Kind::word && token.plain && token.text == "in") {
        now.stage = Stage::pattern;
      } else if (token.kind == Kind::word) {
        now.on_first = token.text == "$1";
      }
      return;
    }
    if (token.kind == Kind::word && token.plain && token.text == "esac") {
      cases_.pop_back();
    } else if (token.kind == Kind::close) {
      now.stage = Stage::body;
    } else if (token.kind == Kind::word) {
      const bool literal = token.text.find_first_of("*?[$") == std::string::npos;
      now.matches = now.matches || !literal || is_first_argument(token.text);
    }
  }

  void take_word(Token token) {
    static constexpr std::array<std::string_view, 14> skipped{"if", "then", "else",  "elif",  "fi",
                                                              "do", "done", "while", "until", "!",
                                                              "{",  "}",    "time",  "exec"};
    if (command_.words.empty() && token.plain) {
      branch(token.text);
      if (is_one_of(skipped, token.text)) return;
      if (token.text == "case") return cases_.push_back({});
      if (token.text == "esac") {
        if (cases_.empty()) return give_up();
        cases_.pop_back();
        return;
      }
      if (token.text == "for") return skip_for();
      if (token.text == "function" || token.text == "select") return give_up();
    }
    if (command_.words.empty() && is_assignment(token.text)) return;
    command_.words.push_back(std::move(token.text));
  }

  // for NAME [in WORD…]: the words are data.
  void skip_for() {
    for (;;) {
      const Token token = next();
      if (token.kind == Token::Kind::end) return give_up();
      if (token.kind == Token::Kind::separator) return;
      if (token.kind == Token::Kind::word && token.plain && token.text == "do") return;
    }
  }

  void take_redirection(const Token& token) {
    const bool output = token.text.find('>') != std::string::npos;
    const Token target = next();
    if (target.kind != Token::Kind::word) return give_up();
    if (token.text == "<<" || token.text == "<<-") {
      skip_here_document(target.text, token.text == "<<-");
    } else if (output && target.text != "/dev/null" && !token.text.ends_with('&')) {
      command_.writes = true;
    }
  }

  // The body begins on the next line. What follows on this line is read first, so the body is cut
  // out of the text by remembering where it ends.
  void skip_here_document(const std::string& word, bool tabs) {
    std::size_t line = text_.find('\n', at_);
    if (line == std::string_view::npos) return give_up();
    if (resume_ > line) line = resume_ - 1;
    for (std::size_t begin = line + 1; begin < text_.size();) {
      std::size_t end = std::min(text_.find('\n', begin), text_.size());
      std::string_view content = text_.substr(begin, end - begin);
      while (tabs && content.starts_with('\t')) content.remove_prefix(1);
      if (content == word) {
        resume_ = std::min(end + 1, text_.size());
        return;
      }
      begin = end + 1;
    }
    give_up();
  }

  bool next_is_close() {
    const std::size_t before = at_;
    if (next().kind == Token::Kind::close) return true;
    at_ = before;
    return false;
  }

  static bool is_assignment(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  }

  // An `if` whose condition is certainly false on a first installation, with its branches.
  struct Branch {
    bool in_condition = true;
    bool is_false = false;
    bool has_or = false;
    bool skips = false;  // the commands of the present branch are never run
  };

  void branch(const std::string& word) {
    if (word == "if") {
      branches_.emplace_back();
    } else if (branches_.empty()) {
      return;
    } else if (word == "then") {
      Branch& now = branches_.back();
      now.in_condition = false;
      now.skips = now.is_false && !now.has_or;
    } else if (word == "else") {
      branches_.back().skips = false;
    } else if (word == "elif") {
      branches_.back() = {};
    } else if (word == "fi") {
      branches_.pop_back();
    } else if (word == "!") {
      negated_ = true;
    }
  }

  bool is_skipped() const {
    const bool other_case = std::any_of(cases_.begin(), cases_.end(), [](const Case& one) {
      return one.on_first && one.stage == Stage::body && !one.matches;
    });
    return skip_next_ || other_case ||
           std::any_of(branches_.begin(), branches_.end(),
                       [](const Branch& branch) { return branch.skips; });
  }

  // After `false &&` the next command is not run; after `||` it is.
  void join(const std::string& separator) {
    if (separator == "\n" && joined_) return;  // a line may end with && or ||
    joined_ = separator == "&&" || separator == "||";
    if (separator == "&&") {
      skip_next_ = skip_next_ || last_is_false_;
    } else {
      skip_next_ = false;
      if (separator == "||" && !branches_.empty() && branches_.back().in_condition) {
        branches_.back().has_or = true;
      }
    }
    last_is_false_ = false;
  }

  static bool is_first_argument(std::string_view word) {
    return word == "configure" || word == "install";
  }

  static bool is_false(const SimpleCommand& command) {
    const std::vector<std::string>& words = command.words;
    if (words.empty()) return false;
    const bool test = words[0] == "[" || words[0] == "test";
    const bool has_or = std::find(words.begin(), words.end(), "-o") != words.end();
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (test && !has_or && words[i] == "-n" && words[i + 1] == "$2") return true;
      // dpkg's comparisons that are false for no version at all.
      if (words[i] == "--compare-versions" && words[i + 1] == "$2" && i + 2 < words.size() &&
          words[i + 2].ends_with("-nl")) {
        return words[0] == "dpkg";
      }
    }
    if (!test || has_or) return false;
    for (std::size_t i = 1; i + 2 < words.size(); ++i) {
      const bool equal = words[i + 1] == "=" || words[i + 1] == "==";
      if (words[i] == "$1" && equal && words[i + 2].find('$') == std::string::npos &&
          !is_first_argument(words[i + 2])) {
        return true;
      }
    }
    for (std::size_t i = 1; i + 2 < words.size(); ++i) {
      // x"$2" != x
      if (words[i].ends_with("$2") && words[i + 1] == "!=" &&
          words[i + 2] == words[i].substr(0, words[i].size() - 2)) {
        return true;
      }
    }
    return words.size() == 3 && words[1] == "$2";
  }

  void flush() {
    if (!command_.words.empty() || command_.writes) {
      joined_ = false;
      last_is_false_ = !negated_ && is_false(command_);
      if (!branches_.empty() && branches_.back().in_condition && last_is_false_) {
        branches_.back().is_false = true;
      }
      if (!is_skipped()) out_.commands.push_back(std::move(command_));
      negated_ = false;
    }
    command_ = {};
  }

  Token next() {
    for (;;) {
      const char c = peek();
      if (at_ >= text_.size()) return {};
      if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        break;
      }
    }
    const char c = peek();
    if (c == '\n') {
      at_ = resume_ > at_ ? resume_ : at_ + 1;
      return {Token::Kind::separator, "\n"};
    }
    if (c == ';' && peek(1) == ';') {
      at_ += 2;
      return {Token::Kind::case_end, ";;"};
    }
    if ((c == '|' || c == '&') && peek(1) == c) {
      at_ += 2;
      return {Token::Kind::separator, std::string(2, c)};
    }
    if (c == ';' || c == '|' || (c == '&' && peek(1) != '>')) {
      ++at_;
      return {Token::Kind::separator, std::string(1, c)};
    }
    if (c == '(' || c == ')') {
      ++at_;
      return {c == '(' ? Token::Kind::open : Token::Kind::close, std::string(1, c)};
    }
    if (c == '<' || c == '>' || c == '&') return redirection();
    return word();
  }

  Token redirection() {
    Token token{Token::Kind::redirection, {}};
    while (is_in("<>&|-", peek()) && token.text.size() < 3) token.text.push_back(text_[at_++]);
    // 2>&1 and >&- name a descriptor.
    if (token.text.ends_with("&-")) return {Token::Kind::separator, ""};
    return token;
  }

  Token word() {
    Token token{Token::Kind::word, {}};
    while (at_ < text_.size() && out_.certain) {
      const char c = peek();
      if (is_in(" \t\r\n;&|()<>", c)) break;
      if (c == '\\') {
        if (peek(1) != '\n') token.text.append(text_.substr(at_ + 1, 1));
        at_ = std::min(at_ + 2, text_.size());
        token.plain = false;
      } else if (c == '\'') {
        token.plain = false;
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) {
          give_up();
          break;
        }
        token.text.append(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
      } else if (c == '"') {
        token.plain = false;
        quoted(token.text);
      } else if (c == '$' || c == '`') {
        token.plain = false;
        expansion(token.text);
      } else {
        token.text.push_back(c);
        ++at_;
      }
    }
    // A number before '<' or '>' is the descriptor of the redirection.
    const bool number = !token.text.empty() && token.plain &&
                        std::all_of(token.text.begin(), token.text.end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
    if (number && is_in("<>", peek())) return redirection();
    return token;
  }

  void quoted(std::string& word) {
    ++at_;
    while (at_ < text_.size() && peek() != '"' && out_.certain) {
      if (peek() == '\\') {
        word.append(text_.substr(at_ + 1, 1));
        at_ = std::min(at_ + 2, text_.size());
      } else if (peek() == '$' || peek() == '`') {
        expansion(word);
      } else {
        word.push_back(text_[at_++]);
      }
    }
    if (at_ >= text_.size()) give_up();
    ++at_;
  }

  void expansion(std::string& word) {
    word.push_back('$');
    if (peek() == '`') {
      const std::size_t end = text_.find('`', at_ + 1);
      if (end == std::string_view::npos) return give_up();
      substitution(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return;
    }
    ++at_;
    if (peek() == '(' && peek(1) == '(') {  // arithmetic
      const std::size_t end = text_.find("))", at_);
      if (end == std::string_view::npos) return give_up();
      at_ = end + 2;
    } else if (peek() == '(') {
      const std::size_t end = closing(at_, '(', ')');
      if (end == std::string_view::npos) return give_up();
      substitution(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
    } else if (peek() == '{') {
      const std::size_t end = closing(at_, '{', '}');
      if (end == std::string_view::npos) return give_up();
      const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
      if (inner == "1") word += '1';
      if (inner == "2" || inner == "2-" || inner == "2:-") word += '2';
      if (inner.find('`') != std::string_view::npos || inner.find("$(") != std::string_view::npos) {
        return give_up();
      }
      at_ = end + 1;
    } else if (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_') {
      if (peek() == '1' || peek() == '2') word += peek();
      if (std::isdigit(static_cast<unsigned char>(peek())) != 0) {
        ++at_;
        return;
      }
      while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_') ++at_;
    } else if (is_in("@*#?-$!", peek())) {
      ++at_;
    }
  }

  void substitution(std::string_view inner) { ShellReader(inner, out_, depth_ + 1).read(); }

  // The position of the bracket that closes the one at `from`. Brackets in quotes do not count.
  std::size_t closing(std::size_t from, char open, char close) const {
    int level = 0;
    char quote = '\0';
    for (std::size_t i = from; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        ++i;
      } else if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == open) {
        ++level;
      } else if (c == close && --level == 0) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string_view text_;
  ShellScript& out_;
  int depth_;
  std::size_t at_ = 0;
  std::size_t resume_ = 0;  // after the here-documents of this line
  SimpleCommand command_;
  std::vector<Case> cases_;
  std::vector<Branch> branches_;
  bool negated_ = false;
  bool last_is_false_ = false;
  bool skip_next_ = false;
  bool joined_ = false;
};

}  // namespace

ShellScript read_shell(std::string_view text) {
  ShellScript script;
  if (text.size() > longest_script) {
    script.certain = false;
    return script;
  }
  ShellReader(text, script, 0).read();
  return script;
}

}  // namespace ccci::configure
