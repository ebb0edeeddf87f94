// SPDX-License-Identifier: GPL-3.0-or-later
// Reads Nix files: lists of packages in known attributes, even if the list is in another place (a
// `let`, a `with`, a concatenation), Python environments, and PATH in strings. Reads the structure
// of the tokens and evaluates nothing. Lists in another file are found in that file.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "prove/installers.hpp"
#include "prove/nix_lexer.hpp"
#include "prove/nix_names.hpp"
#include "prove/nix_strings.hpp"
#include "prove/readers.hpp"

namespace ccci::prove {

namespace {

constexpr int deepest_expression = 64;
constexpr std::size_t most_mentions = 4096;

struct Range {
  std::size_t from = 0;
  std::size_t to = 0;  // not included
};

class NixReader {
 public:
  NixReader(std::string_view path, std::string_view text, Reading& reading)
      : path_(path),
        text_(text),
        lines_(text),
        reading_(reading),
        tokens_(nix_tokens(text)),
        used_(tokens_.size(), false),
        most_steps_(1'000'000 + 16 * tokens_.size()) {}

  void run() {
    find_bindings();
    for (const auto& [name, at, value] : attributes_)
      if (holds(tool_attributes, name)) tool_list(name, at, value);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (is_name(i) && holds(list_functions, tokens_[i].text)) function_list(i);
      if (is_name(i) && tokens_[i].text == "withPackages" && !used_[i]) python_environment(i);
    }
    for (std::size_t i = 0; i < tokens_.size(); ++i)
      if (is(i, "[") && !used_[i]) loose_list(i);
    read_nix_strings(path_, text_, tokens_, lines_, reading_);
    if (steps_ > most_steps_) reading_.unavailable = "too intricate to read to its end";
    std::stable_sort(reading_.findings.begin(), reading_.findings.end(),
                     [](const Finding& a, const Finding& b) {
                       return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                     });
  }

 private:
  struct Attribute {
    std::string_view name;  // last name of its path
    std::size_t at;         // index of its token
    Range value;
  };

  struct Sink {  // the names of a list, before the Finding
    std::vector<Mention> mentions;
    std::vector<std::string> directories;
    std::set<std::string_view> resolved;  // bound names that were already followed
  };

  struct Scope {
    bool modules = false;          // bare names are Python modules
    std::string_view parameter{};  // of the lambda in withPackages
  };

  bool is(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].token == NixToken::punctuation &&
           tokens_[i].text == text;
  }
  bool is_name(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].token == NixToken::name;
  }
  bool is_name(std::size_t i, std::string_view text) const {
    return is_name(i) && tokens_[i].text == text;
  }
  // The position after the token, or after the partner of the bracket that it opens.
  std::size_t next(std::size_t i) const { return std::max(tokens_[i].match, i) + 1; }

  // Finds "X =" and "\"X\" =" anywhere, with the range of the value. Lists of this file can refer
  // to names that `let` or `rec` binds.
  void find_bindings() {
    std::vector<char> context;  // 'l' in a let, 'r' in rec {…}, ' ' in any other bracket
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (is(i, "[") || is(i, "(") || is(i, "{") || is(i, "${")) {
        context.push_back(i > 0 && is(i, "{") && is_name(i - 1, "rec") ? 'r' : ' ');
      } else if (is(i, "]") || is(i, ")") || is(i, "}")) {
        while (!context.empty() && context.back() == 'l') context.pop_back();
        if (!context.empty()) context.pop_back();
      } else if (is_name(i, "let")) {
        context.push_back('l');
      } else if (is_name(i, "in") && !context.empty() && context.back() == 'l') {
        context.pop_back();
      } else if (i > 0 && is(i, "=")) {
        binding(i, !context.empty() && context.back() != ' ');
      }
    }
  }

  void binding(std::size_t i, bool referable) {
    std::size_t at = i - 1;
    if (at > 0 && tokens_[at].token == NixToken::string_end) --at;
    if (tokens_[at].token != NixToken::name && tokens_[at].token != NixToken::string_text) return;
    attributes_.push_back({tokens_[at].text, at, {i + 1, value_end(i + 1)}});
    const bool alone = at == 0 || !is(at - 1, ".");
    if (alone && referable) bound_.emplace(tokens_[at].text, attributes_.back().value);
  }

  // Finds the `;` that ends a binding, not the one of `with X;`, `assert X;` or `let … in`.
  std::size_t value_end(std::size_t i) {
    std::size_t own = 0;
    std::size_t lets = 0;
    for (; i < tokens_.size() && ++steps_ <= most_steps_; i = next(i)) {
      if (is_name(i, "with") || is_name(i, "assert")) ++own;
      if (is_name(i, "let")) ++lets;
      if (is_name(i, "in") && lets > 0) --lets;
      if (is(i, "}") || is(i, ")") || is(i, "]")) return i;
      if (is(i, ";") && lets == 0) {
        if (own == 0) return i;
        --own;
      }
    }
    return std::min(i, tokens_.size());
  }

  // The names of an attribute path that begins at `i`, and where it ends.
  std::pair<std::vector<std::string_view>, std::size_t> attribute_path(std::size_t i) const {
    std::vector<std::string_view> names;
    for (;;) {
      if (is_name(i)) {
        names.push_back(tokens_[i].text);
      } else if (i < tokens_.size() && tokens_[i].token == NixToken::string_begin &&
                 i + 1 < tokens_.size() && tokens_[i + 1].token == NixToken::string_text) {
        names.push_back(tokens_[i + 1].text);
      } else if (!is(i, "${")) {
        break;
      }
      i = next(i);
      if (!is(i, ".")) break;
      ++i;
    }
    return {std::move(names), i};
  }

  void collect(Range range, Scope scope, Sink& sink, int depth) {
    for (std::size_t i = range.from; i < range.to && ++steps_ <= most_steps_;) {
      if (is_name(i, "with")) {
        scope.modules = with_modules(i, scope);
        while (i < range.to && !is(i, ";")) i = next(i);
        ++i;
      } else if (is_name(i, "let")) {
        i = behind_let(i, range.to);
      } else if (is(i, "[")) {
        used_[i] = true;
        if (depth < deepest_expression) elements({i + 1, tokens_[i].match}, scope, sink, depth + 1);
        i = next(i);
      } else if (is(i, "(")) {
        if (depth < deepest_expression) collect({i + 1, tokens_[i].match}, scope, sink, depth + 1);
        i = next(i);
      } else if (is_name(i)) {
        i = reference(i, scope, sink, depth, false);
      } else {
        i = next(i);
      }
    }
  }

  // Whether the names from `with X;` are Python modules.
  bool with_modules(std::size_t i, const Scope& scope) const {
    const auto names = attribute_path(i + 1).first;
    if (names.empty()) return scope.modules;
    return names.back() == scope.parameter || is_python_set(names.back()) ||
           (names.size() > 1 && names.back() == "pkgs" &&
            names[names.size() - 2].starts_with("python"));
  }

  std::size_t behind_let(std::size_t i, std::size_t to) const {
    std::size_t lets = 0;
    for (; i < to && ++steps_ <= most_steps_; i = next(i)) {
      if (is_name(i, "let")) ++lets;
      if (is_name(i, "in") && --lets == 0) return i + 1;
    }
    return to;
  }

  void elements(Range range, const Scope& scope, Sink& sink, int depth) {
    for (std::size_t i = range.from; i < range.to && ++steps_ <= most_steps_;) {
      if (is(i, "[")) {
        used_[i] = true;
        if (depth < deepest_expression) elements({i + 1, tokens_[i].match}, scope, sink, depth + 1);
        i = next(i);
      } else if (is(i, "(")) {
        if (depth < deepest_expression) collect({i + 1, tokens_[i].match}, scope, sink, depth + 1);
        i = next(i);
      } else if (is_name(i)) {
        i = reference(i, scope, sink, depth, true);
      } else {
        directory(i, sink);
        i = next(i);
      }
    }
  }

  // A directory in a unit's list of packages, such as "/run/wrappers".
  void directory(std::size_t i, Sink& sink) const {
    if (tokens_[i].token == NixToken::string_begin && i + 1 < tokens_.size() &&
        tokens_[i + 1].token == NixToken::string_text && tokens_[i + 1].text.starts_with("/"))
      sink.directories.emplace_back(tokens_[i + 1].text);
    if (tokens_[i].token == NixToken::path && tokens_[i].text.starts_with("/"))
      sink.directories.emplace_back(tokens_[i].text);
  }

  // Reads an attribute path: a package, a Python environment, or a name that this file binds. If it
  // is not an element (`lib.optionals x […]`), it is a package only if it begins with `pkgs` and is
  // not a function.
  std::size_t reference(std::size_t i, const Scope& scope, Sink& sink, int depth, bool element) {
    auto [names, end] = attribute_path(i);
    if (names.empty()) return next(i);
    if (names.back() == "withPackages") {
      used_[i + 2 * (names.size() - 1)] = true;
      return python(i, end, names, sink, depth);
    }
    if (names.back() == "attrValues" && is(end, "{")) {
      attribute_values({end + 1, tokens_[end].match}, scope, sink, depth);
      return next(end);
    }
    if (names.size() == 1 && bound_.count(names[0]) != 0) {
      if (sink.resolved.insert(names[0]).second && depth < deepest_expression)
        collect(bound_.at(names[0]), {}, sink, depth + 1);
      return end;
    }
    const bool package = names[0] == "pkgs" && names.size() > 1;
    if (!element && (!package || (is_argument(end) && !holds(package_parts, names.back()))))
      return end;
    if (names[0] == "lib" || names[0] == "builtins" || names[0] == "config") return end;
    if (names.size() == 1 && (names[0] == "if" || names[0] == "then" || names[0] == "else" ||
                              names[0] == "in" || names[0] == "or" || names[0] == "null"))
      return end;
    mention(i, names, scope, sink);
    return end;
  }

  // builtins.attrValues { inherit (pkgs) git jq; py = pkgs.python3; }
  void attribute_values(Range range, Scope scope, Sink& sink, int depth) {
    for (std::size_t i = range.from; i < range.to && ++steps_ <= most_steps_;) {
      if (is(i, "=") && depth < deepest_expression) {
        i = reference(i + 1, scope, sink, depth + 1, true);
      } else if (is_name(i, "inherit") && is(i + 1, "(")) {
        const Scope from{with_modules(i + 1, scope), scope.parameter};
        for (i = next(i + 1); i < range.to && is_name(i); i = next(i))
          mention(i, {tokens_[i].text}, from, sink);
      } else {
        i = next(i);
      }
    }
  }

  // Whether the token is an argument of the name before it.
  bool is_argument(std::size_t i) const {
    if (i >= tokens_.size()) return false;
    if (tokens_[i].token == NixToken::name) return !holds("then else in or", tokens_[i].text);
    return tokens_[i].token == NixToken::string_begin || tokens_[i].token == NixToken::path ||
           is(i, "(") || is(i, "{") || is(i, "[");
  }

  void mention(std::size_t i, std::vector<std::string_view> names, const Scope& scope, Sink& sink) {
    bool module = names.size() == 1 && scope.modules;
    for (std::size_t k = 0; k + 1 < names.size(); ++k)
      module = module || is_python_set(names[k]) || names[k] == scope.parameter ||
               (names[k] == "pkgs" && k > 0 && names[k - 1].starts_with("python"));
    while (names.size() > 1 && holds(package_parts, names.back())) names.pop_back();
    if (names[0] == "inputs" && names.size() > 1) names = {names[1]};
    if (names.back() == "default" && names.size() > 1) names = {names[0]};
    if (sink.mentions.size() >= most_mentions) return;
    sink.mentions.push_back({std::string(names.back()), module, lines_.place(tokens_[i].offset)});
  }

  // python3.withPackages (ps: with ps; [ pytest ]): the interpreter, then its modules.
  std::size_t python(std::size_t i, std::size_t end, std::vector<std::string_view> names,
                     Sink& sink, int depth) {
    names.pop_back();
    const bool modules = !names.empty() && names.back().starts_with("py");
    if (!names.empty()) mention(i, names, {}, sink);
    if (!is(end, "(") || depth >= deepest_expression) return end;
    Scope scope{modules, {}};
    Range inside{end + 1, tokens_[end].match};
    if (is_name(inside.from) && is(inside.from + 1, ":")) {
      scope.parameter = modules ? tokens_[inside.from].text : std::string_view{};
      inside.from += 2;
    }
    collect(inside, scope, sink, depth + 1);
    return next(end);
  }

  void tool_list(std::string_view name, std::size_t at, Range value) {
    Sink sink;
    collect(value, {}, sink, 0);
    finish(at, Kind::nix_list, std::string(name), std::move(sink), true);
  }

  void function_list(std::size_t i) {
    std::size_t argument = i + 1;
    if (tokens_[i].text == "makeSearchPath" && argument < tokens_.size() &&
        tokens_[argument].token == NixToken::string_begin)
      argument = next(argument);
    if (!is(argument, "[") && !is(argument, "(")) return;
    if (used_[argument]) return;
    Sink sink;
    collect({argument, next(argument)}, {}, sink, 0);
    finish(i, Kind::nix_list, std::string(tokens_[i].text), std::move(sink), true);
  }

  void python_environment(std::size_t i) {
    std::size_t from = i;
    while (from >= 2 && is(from - 1, ".") && is_name(from - 2) && ++steps_ <= most_steps_)
      from -= 2;
    auto [names, end] = attribute_path(from);
    Sink sink;
    python(from, end, std::move(names), sink, 0);
    finish(from, Kind::nix_python, "withPackages", std::move(sink), true);
  }

  // A list in no known attribute counts as a list of tools only if it is written like one.
  void loose_list(std::size_t i) {
    const bool after_with = i > 0 && is(i - 1, ";") && with_packages(i);
    const bool packages = is_name(i + 1, "pkgs") && is(i + 2, ".");
    if (!after_with && !packages) return;
    Sink sink;
    collect({i, next(i)}, {}, sink, 0);
    finish(i, Kind::nix_list, "a list of packages", std::move(sink), false);
  }

  // Whether the `;` before the list ends a `with` of packages.
  bool with_packages(std::size_t i) const {
    for (std::size_t k = 2; k <= 8 && k <= i; ++k) {
      if (is(i - k, ";") || is(i - k, "=")) return false;
      if (is_name(i - k, "with")) {
        const auto names = attribute_path(i - k + 1).first;
        return !names.empty() && (names.back() == "pkgs" || names.back().ends_with("Packages"));
      }
    }
    return false;
  }

  void finish(std::size_t at, Kind kind, std::string what, Sink sink, bool certain) {
    if (!sink.directories.empty() && what == "path") {
      Finding finding = begin(tokens_[at].offset, Kind::path, "path");
      finding.side = Side::front;
      finding.directories = std::move(sink.directories);
      reading_.findings.push_back(std::move(finding));
    }
    if (sink.mentions.empty()) return;
    Finding finding = begin(tokens_[at].offset, kind, std::move(what));
    finding.tools = std::move(sink.mentions);
    finding.certain = certain;
    reading_.findings.push_back(std::move(finding));
  }

  Finding begin(std::size_t offset, Kind kind, std::string what) const {
    const Place at = lines_.place(offset);
    Finding finding;
    finding.file = path_;
    finding.line = at.line;
    finding.column = at.column;
    finding.kind = kind;
    finding.what = std::move(what);
    finding.excerpt = lines_.excerpt(at.line);
    return finding;
  }

  std::string_view path_;
  std::string_view text_;
  Lines lines_;
  Reading& reading_;
  std::vector<NixPiece> tokens_;
  std::vector<bool> used_;  // lists and Python environments that are part of a finding
  std::vector<Attribute> attributes_;
  std::map<std::string_view, Range> bound_;
  // Hostile nesting makes ranges overlap. A file written by a person needs a few steps per token.
  std::size_t most_steps_;
  mutable std::size_t steps_ = 0;
};

}  // namespace

Reading read_nix(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  NixReader(path, text, reading).run();
  return reading;
}

}  // namespace ccci::prove
