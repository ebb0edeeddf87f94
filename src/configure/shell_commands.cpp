// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/shell_commands.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "configure/shell_lexer.hpp"

namespace ccci::configure {

namespace {

constexpr std::size_t longest_script = 1U << 20U;
constexpr int deepest = 20;

using Token = ShellToken;

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Whether commands that only an upgrade runs are left out.
enum class Upgrades { left_out, included };

// Command substitutions are read by a reader of their own, and their commands are added to the
// result.
class ShellReader {
 public:
  ShellReader(std::string_view text, ShellScript& out, Upgrades upgrades, int depth = 0)
      : lexer_(text), out_(out), upgrades_(upgrades), depth_(depth) {
    if (depth > deepest) give_up();
  }

  void read() {
    while (out_.certain) {
      Token token = next();
      if (token.kind == Token::Kind::end) break;
      take(std::move(token));
    }
    flush();
    if (!cases_.empty() || !lexer_.certain()) give_up();
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

  Token next() {
    Token token = lexer_.next();
    for (const std::string& inner : token.substitutions) {
      ShellReader(inner, out_, upgrades_, depth_ + 1).read();
    }
    return token;
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
      lexer_.skip_here_document(target.text, token.text == "<<-", target.plain);
    } else if (output && target.text != "/dev/null" && !token.text.ends_with('&')) {
      command_.writes = true;
    }
  }

  bool next_is_close() {
    const std::size_t before = lexer_.position();
    if (lexer_.next().kind == Token::Kind::close) return true;
    lexer_.go_back(before);
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
    bool begins = true;  // the next command is not joined to the one before it
    bool is_false = false;
    bool has_or = false;
    bool skips = false;  // the commands of the present branch are never run
  };

  void branch(const std::string& word) {
    if (word == "!") {
      negated_ = true;
    } else if (word == "if") {
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
    }
  }

  bool is_skipped() const {
    if (upgrades_ == Upgrades::included) return false;
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
      if (!branches_.empty() && branches_.back().in_condition) {
        if (separator == "||") branches_.back().has_or = true;
        if (separator != "||") branches_.back().begins = true;
      }
    }
    last_is_false_ = false;
  }

  static bool has_word(const std::vector<std::string>& words, std::string_view wanted) {
    return std::find(words.begin(), words.end(), wanted) != words.end();
  }

  static bool is_first_argument(std::string_view word) {
    return word == "configure" || word == "install";
  }

  static bool is_false(const SimpleCommand& command) {
    const std::vector<std::string>& words = command.words;
    if (words.empty()) return false;
    // With -nl, dpkg takes no version at all for the latest one.
    if (words.size() > 3 && words[0] == "dpkg" && words[1] == "--compare-versions") {
      return words[2] == "$2" && (words[3] == "lt-nl" || words[3] == "le-nl");
    }
    const bool test = words[0] == "[" || words[0] == "test";
    if (!test || has_word(words, "-o") || has_word(words, "!")) return false;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i] == "-n" && words[i + 1] == "$2") return true;
    }
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
      if (!branches_.empty() && branches_.back().in_condition) {
        Branch& now = branches_.back();
        now.is_false = last_is_false_ || (now.is_false && !now.begins);
        now.begins = false;
      }
      if (!is_skipped()) out_.commands.push_back(std::move(command_));
      negated_ = false;
    }
    command_ = {};
  }

  ShellLexer lexer_;
  ShellScript& out_;
  Upgrades upgrades_;
  int depth_;
  SimpleCommand command_;
  std::vector<Case> cases_;
  std::vector<Branch> branches_;
  bool negated_ = false;
  bool last_is_false_ = false;
  bool skip_next_ = false;
  bool joined_ = false;
};

}  // namespace

namespace {

// In a function, and after these commands, `$1` and `$2` are other words.
bool has_other_parameters(const ShellScript& script) {
  const auto changes = [](const SimpleCommand& command) {
    if (command.words.empty()) return false;
    const bool sets = command.words[0] == "set" && command.words.size() > 1 &&
                      (command.words[1] == "--" || !command.words[1].starts_with('-'));
    return sets || command.words[0] == "shift";
  };
  return !script.functions.empty() ||
         std::any_of(script.commands.begin(), script.commands.end(), changes);
}

}  // namespace

ShellScript read_shell(std::string_view text) {
  ShellScript script;
  if (text.size() > longest_script) {
    script.certain = false;
    return script;
  }
  ShellReader(text, script, Upgrades::included).read();
  if (!script.certain || has_other_parameters(script)) return script;
  script = {};
  ShellReader(text, script, Upgrades::left_out).read();
  return script;
}

}  // namespace ccci::configure
