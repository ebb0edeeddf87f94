// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/script_reader.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "environment/script_lexer.hpp"

namespace ccci::environment {

namespace {

constexpr std::size_t most_invocations = 4096;
constexpr std::size_t deepest_loop = 8;
constexpr std::size_t deepest_call = 5;   // of functions
constexpr std::size_t most_turns = 4096;  // sum over all loops, because nested loops multiply
// Limits for the result of loops and variables: a dozen lines of a=$a$a could fill the memory.
constexpr std::size_t most_commands = 1'000'000;
constexpr std::size_t most_text = 16U << 20U;

class Walker {
 public:
  Walker(const std::vector<Line>& lines, std::string_view program)
      : lines_(lines), program_(program) {}

  std::vector<Invocation> walk() {
    walk(0, lines_.size(), 0);
    // What is called in a way that is not understood, for example in a command substitution.
    for (const auto& [name, body] : std::map(functions_)) {
      if (!called_.contains(name)) call(name, {}, 0);
    }
    return std::move(found_);
  }

 private:
  static std::optional<std::string> plain(const Word& word) {
    if (word.size() != 1 || word[0].variable || word[0].quoted) return std::nullopt;
    return word[0].text;
  }

  // The name of a command may be quoted.
  static std::string name_of(const Word& word) {
    std::string name;
    for (const Piece& piece : word) name += piece.variable ? "$" : piece.text;
    return name;
  }

  static bool control_word(const std::string& word) {
    static const std::vector<std::string> words{"if",    "then",  "else", "elif", "do",
                                                "while", "until", "!",    "{",    "}",
                                                "fi",    "done",  "time", "exec", "command"};
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  static bool declares(const std::string& word) {
    return word == "export" || word == "readonly" || word == "local" || word == "declare";
  }

  // If a branch assigns a value that cannot be evaluated, the variable is unknown only in that
  // branch. After the branch the previous value is used again, as if the branch was not taken.
  void branch(const std::string& word) {
    if (word == "if") {
      hidden_.emplace_back();
    } else if (!hidden_.empty() && (word == "else" || word == "elif" || word == "fi")) {
      for (auto& [name, value] : hidden_.back()) variables_.emplace(name, std::move(value));
      hidden_.back().clear();
      if (word == "fi") hidden_.pop_back();
    }
  }

  void forget(const std::string& name) {
    const auto known = variables_.find(name);
    if (known == variables_.end()) return;
    if (!hidden_.empty()) hidden_.back().emplace(name, known->second);
    variables_.erase(known);
  }

  void unset(const Line& line, std::size_t from) {
    for (std::size_t i = from; i < line.size(); ++i) {
      if (const auto name = plain(line[i])) variables_[*name].clear();
    }
  }

  // The first and the last but one line of a function's body: it ends at its brace.
  struct Body {
    std::size_t from = 0;
    std::size_t to = 0;
  };

  // The name of the function that the line begins: `name()`, or `function name`.
  static std::optional<std::string> defined(const Line& line) {
    if (line.size() < 2) return std::nullopt;
    if (plain(line[1]) == std::string(function_mark)) return plain(line[0]);
    return plain(line[0]) == "function" ? plain(line[1]) : std::nullopt;
  }

  std::size_t end_of_function(std::size_t from, std::size_t to) const {
    std::size_t open = 0;
    for (std::size_t i = from; i < to; ++i) {
      for (const Word& word : lines_[i]) {
        const std::optional<std::string> text = plain(word);
        if (text == "{") ++open;
        if (text == "}" && (open == 0 || --open == 0)) return i;
      }
    }
    return to;
  }

  // Its arguments are the positional variables while it is walked.
  void call(const std::string& name, const std::vector<std::string>& words, std::size_t depth) {
    called_.insert(name);
    if (calls_ >= deepest_call) return;
    const Body body = functions_.at(name);
    std::vector<std::string> outer = std::exchange(arguments_, words);
    set_arguments();
    ++calls_;
    walk(body.from, body.to, depth);
    --calls_;
    arguments_ = std::move(outer);
    set_arguments();
  }

  void set_arguments() {
    constexpr std::size_t most = 9;
    std::string all;
    for (std::size_t i = 0; i < most; ++i) {
      const std::string name = std::to_string(i + 1);
      if (i < arguments_.size()) {
        variables_[name] = arguments_[i];
      } else {
        variables_.erase(name);
      }
    }
    for (const std::string& word : arguments_) all += (all.empty() ? "" : " ") + word;
    if (arguments_.empty()) {
      variables_.erase("@");
    } else {
      variables_["@"] = all;
    }
  }

  void walk(std::size_t from, std::size_t to, std::size_t depth) {
    for (std::size_t i = from; i < to && ++commands_ <= most_commands; ++i) {
      const Line& line = lines_[i];
      if (const auto name = defined(line)) {
        const std::size_t end = end_of_function(i + 1, to);
        functions_[*name] = {i + 1, end};
        i = end;
        continue;
      }
      std::size_t first = 0;
      for (; first < line.size() && plain(line[first]) && control_word(*plain(line[first]));
           ++first) {
        branch(*plain(line[first]));
      }
      if (first == line.size()) continue;
      const std::optional<std::string> head = plain(line[first]);
      if (head == "for" && depth < deepest_loop) {
        const std::size_t end = end_of_loop(i + 1, to);
        loop(line, first, i + 1, end, depth);
        i = end;
        continue;
      }
      if (head && declares(*head)) {
        for (std::size_t word = first + 1; word < line.size(); ++word) assign(line[word]);
      } else if (head == "unset") {
        unset(line, first + 1);
      } else {
        assign(line[first]);
      }
      const std::string name = name_of(line[first]);
      if (functions_.contains(name)) {
        call(name, arguments_of(line, first + 1), depth);
      } else if (name == "shift" && !arguments_.empty()) {
        arguments_.erase(arguments_.begin());
        set_arguments();
      } else if (name == program_ || name.ends_with("/" + std::string(program_))) {
        record(line, first + 1);
      }
    }
  }

  std::size_t end_of_loop(std::size_t from, std::size_t to) const {
    std::size_t open = 1;
    for (std::size_t i = from; i < to; ++i) {
      for (const Word& word : lines_[i]) {
        const std::optional<std::string> text = plain(word);
        if (text == "for" || text == "while" || text == "until") ++open;
        if (text == "done" && --open == 0) return i;
      }
    }
    return to == 0 ? 0 : to - 1;
  }

  void loop(const Line& line, std::size_t first, std::size_t from, std::size_t to,
            std::size_t depth) {
    const bool over_words =
        first + 2 < line.size() && plain(line[first + 1]) && plain(line[first + 2]) == "in";
    if (!over_words) {
      walk(from, to, depth + 1);
      return;
    }
    const std::string name = *plain(line[first + 1]);
    for (std::size_t i = first + 3; i < line.size(); ++i) {
      bool resolved = true;
      for (std::string& value : expand(line[i], resolved)) {
        if (found_.size() >= most_invocations || ++turns_ > most_turns) return;
        variables_[name] = std::move(value);
        if (!resolved) variables_.erase(name);
        walk(from, to, depth + 1);
      }
    }
    variables_.erase(name);
  }

  // Handles the word NAME=VALUE. If the value cannot be evaluated, the name becomes unknown.
  void assign(const Word& word) {
    if (word.empty() || word[0].variable || word[0].quoted) return;
    const std::size_t equals = word[0].text.find('=');
    if (equals == std::string::npos || equals == 0) return;
    const std::string name = word[0].text.substr(0, equals);
    if (!std::all_of(name.begin(), name.end(), name_character)) return;
    Word value = word;
    value[0].text.erase(0, equals + 1);
    bool resolved = true;
    std::string text;
    for (const Piece& piece : value) text += substitute(piece, resolved);
    if (resolved) {
      variables_[name] = text;
    } else {
      forget(name);
    }
  }

  std::string substitute(const Piece& piece, bool& resolved) {
    const auto known = piece.variable ? variables_.find(piece.text) : variables_.end();
    const bool replaced = known != variables_.end();
    const std::string& text = replaced ? known->second : piece.text;
    text_ += text.size();
    if (text_ > most_text) {
      resolved = false;
      return {};
    }
    if (!piece.variable || replaced) return text;
    resolved = false;
    return "$" + text;
  }

  // Unquoted variables are split at spaces, like in the shell.
  std::vector<std::string> expand(const Word& word, bool& resolved) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (const Piece& piece : word) {
      quoted = quoted || piece.quoted;
      const std::string text = substitute(piece, resolved);
      if (!piece.variable || (piece.quoted && piece.text != "@")) {
        parts.back() += text;
        continue;
      }
      for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n') {
          if (!parts.back().empty()) parts.emplace_back();
        } else {
          parts.back().push_back(c);
        }
      }
    }
    if (parts.back().empty() && !quoted) parts.pop_back();
    return parts;
  }

  // An argument that cannot be evaluated and all after it are unknown to the function.
  std::vector<std::string> arguments_of(const Line& line, std::size_t first) {
    std::vector<std::string> words;
    for (std::size_t i = first; i < line.size(); ++i) {
      bool resolved = true;
      std::vector<std::string> parts = expand(line[i], resolved);
      if (!resolved) break;
      for (std::string& part : parts) words.push_back(std::move(part));
    }
    return words;
  }

  void record(const Line& line, std::size_t first) {
    if (found_.size() >= most_invocations) return;
    Invocation call;
    for (std::size_t i = first; i < line.size(); ++i) {
      for (std::string& part : expand(line[i], call.resolved))
        call.words.push_back(std::move(part));
    }
    found_.push_back(std::move(call));
  }

  const std::vector<Line>& lines_;
  std::string_view program_;
  std::map<std::string, std::string> variables_;
  std::vector<std::map<std::string, std::string>> hidden_;  // one for each open `if`
  std::map<std::string, Body> functions_;
  std::set<std::string> called_;
  std::vector<std::string> arguments_;  // of the function that is walked
  std::size_t calls_ = 0;               // how deep
  std::vector<Invocation> found_;
  std::size_t turns_ = 0;
  std::size_t commands_ = 0;
  std::size_t text_ = 0;  // bytes produced by expansion
};

}  // namespace

std::vector<Invocation> invocations(std::string_view script, std::string_view program) {
  if (script.find(program) == std::string_view::npos) return {};
  const std::vector<Line> lines = script_lines(script);
  return Walker(lines, program).walk();
}

}  // namespace ccci::environment
