// SPDX-License-Identifier: GPL-3.0-or-later
// Traefik's rule language: HOST(`a`, `b`) && (PathPrefix(`/x`) || Path(`/y`)), with `!` and
// brackets. A rule becomes its alternatives (disjunctive normal form).
#include <algorithm>

#include "recipe/route.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t longest_rule = 10'000;
constexpr std::size_t most_matches = 200;
constexpr int deepest_rule = 20;

using Matches = std::vector<Match>;

std::string lower_host(std::string_view host) {
  std::string out;
  for (const char c : host) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// What a name may contain. A host from an empty variable is no host.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

class RuleReader {
 public:
  explicit RuleReader(std::string_view rule) : rest_(rule) {}

  std::variant<Matches, std::string> run() {
    if (rest_.size() > longest_rule) return "the rule is too long";
    skip();
    if (rest_.empty()) return "the rule is empty";
    Matches matches = any(0);
    if (why_.empty() && !rest_.empty())
      refuse("unexpected text '" + std::string(rest_.substr(0, 30)) + "'");
    if (!why_.empty()) return why_;
    if (matches.empty()) return "no name can match the rule";
    return matches;
  }

 private:
  void refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }

  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n'))
      rest_.remove_prefix(1);
  }

  bool take(std::string_view word) {
    skip();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    skip();
    return true;
  }

  Matches any(int depth) {
    Matches out = all(depth);
    while (why_.empty() && take("||"))
      for (Match& match : all(depth)) out.push_back(std::move(match));
    if (out.size() > most_matches) refuse("the rule has too many alternatives");
    return out;
  }

  Matches all(int depth) {
    Matches out = one(depth);
    while (why_.empty() && take("&&")) out = both(out, one(depth));
    return out;
  }

  Matches both(const Matches& left, const Matches& right) {
    Matches out;
    if (left.size() * right.size() > most_matches) {
      refuse("the rule has too many alternatives");
      return out;
    }
    for (const Match& a : left) {
      for (const Match& b : right) {
        if (!a.host.empty() && !b.host.empty() && a.host != b.host) continue;
        if (!a.path.empty() && !b.path.empty() && a.path != b.path) {
          refuse("two paths in one condition are not supported");
          return out;
        }
        Match match = a;
        if (match.host.empty()) match.host = b.host;
        if (match.path.empty()) match.path = b.path;
        match.exact_path = a.exact_path || b.exact_path;
        out.push_back(std::move(match));
      }
    }
    return out;
  }

  Matches one(int depth) {
    if (depth > deepest_rule) refuse("the rule is nested too deeply");
    if (!why_.empty()) return {};
    if (take("!")) refuse("'!' is not supported");
    if (take("(")) {
      Matches out = any(depth + 1);
      if (!take(")")) refuse("a bracket is not closed");
      return out;
    }
    return condition();
  }

  Matches condition() {
    std::size_t length = 0;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])) != 0)
      ++length;
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    Matches out;
    if (name.empty() || !take("(")) {
      refuse("unexpected text '" + name + std::string(rest_.substr(0, 30)) + "'");
      return out;
    }
    const bool host = name == "Host";
    const bool path = name == "PathPrefix" || name == "Path";
    if (!host && !path) {
      refuse(name + " is not supported");
      return out;
    }
    do {
      const std::optional<std::string> value = text();
      if (!value) break;
      Match match;
      if (host)
        match.host = lower_host(*value);
      else
        match.path = *value;
      match.exact_path = name == "Path";
      if (host && !is_host(match.host))
        refuse("Host(`" + *value + "`) is no name");
      else if (path && !match.path.starts_with('/'))
        refuse("a path must begin with '/'");
      else if (path && match.path.find_first_of("{}*^$\\\n") != std::string::npos)
        refuse("patterns in a path are not supported");
      out.push_back(std::move(match));
    } while (why_.empty() && take(","));
    if (!take(")")) refuse(name + "(: expected ')'");
    return out;
  }

  std::optional<std::string> text() {
    skip();
    if (rest_.empty() || (rest_[0] != '`' && rest_[0] != '"' && rest_[0] != '\'')) {
      refuse("expected a text in backquotes");
      return std::nullopt;
    }
    const std::size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) {
      refuse("a backquote is not closed");
      return std::nullopt;
    }
    std::string out(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return out;
  }

  std::string_view rest_;
  std::string why_;
};

}  // namespace

std::variant<std::vector<Match>, std::string> read_rule(std::string_view rule) {
  return RuleReader(rule).run();
}

}  // namespace ccci::recipe
