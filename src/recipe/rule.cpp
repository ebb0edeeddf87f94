// SPDX-License-Identifier: GPL-3.0-or-later
// Traefik's rule language: HOST(`a`, `b`) && (PathPrefix(`/x`) || Path(`/y`)), with `!` and
// brackets. A rule becomes its alternatives (disjunctive normal form); those with something that is
// not supported are named and left out.
#include <algorithm>

#include "recipe/route.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t longest_rule = 10'000;
constexpr std::size_t most_matches = 200;
constexpr int deepest_rule = 20;

// An alternative, and what in it is not supported. It is read to its end all the same, because the
// others may be supported.
struct Alternative {
  Match match;
  std::string why;
};
using Alternatives = std::vector<Alternative>;

std::string lower_host(std::string_view host) {
  std::string out;
  for (const char c : host) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Traefik takes `host`, `Host` and `HOST`; HostHeader is the same.
std::string matcher_of(std::string_view name) {
  std::string out = lower_host(name);
  return out == "hostheader" ? "host" : out;
}

bool is_supported(std::string_view matcher) {
  return matcher == "host" || matcher == "pathprefix" || matcher == "path";
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

  Rule run() {
    Rule rule;
    rule.why = read(rule.matches);
    return rule;
  }

 private:
  std::string read(std::vector<Match>& matches) {
    if (rest_.size() > longest_rule) return "the rule is too long";
    skip();
    if (rest_.empty()) return "the rule is empty";
    const Alternatives alternatives = any(0);
    if (why_.empty() && !rest_.empty())
      refuse("unexpected text '" + std::string(rest_.substr(0, 30)) + "'");
    if (!why_.empty()) return why_;
    if (alternatives.empty()) return "no name can match the rule";
    std::string why;
    for (const Alternative& one : alternatives) {
      if (one.why.empty())
        matches.push_back(one.match);
      else if (why.empty())
        why = one.why;
    }
    return why;
  }

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

  Alternatives any(int depth) {
    Alternatives out = all(depth);
    while (why_.empty() && take("||"))
      for (Alternative& one : all(depth)) out.push_back(std::move(one));
    if (out.size() > most_matches) refuse("the rule has too many alternatives");
    return out;
  }

  Alternatives all(int depth) {
    Alternatives out = one(depth);
    while (why_.empty() && take("&&")) out = both(out, one(depth));
    return out;
  }

  Alternatives both(const Alternatives& left, const Alternatives& right) {
    Alternatives out;
    if (left.size() * right.size() > most_matches) {
      refuse("the rule has too many alternatives");
      return out;
    }
    for (const Alternative& a : left) {
      for (const Alternative& b : right) {
        const bool names_differ = !a.match.host.empty() && !b.match.host.empty();
        if (names_differ && a.match.host != b.match.host) continue;
        out.push_back(joined(a, b));
      }
    }
    return out;
  }

  static Alternative joined(const Alternative& a, const Alternative& b) {
    Alternative out = a;
    if (out.why.empty()) out.why = b.why;
    if (out.match.host.empty()) out.match.host = b.match.host;
    if (!a.match.path.empty() && !b.match.path.empty() && a.match.path != b.match.path)
      out.why = "two paths in one condition are not supported";
    if (out.match.path.empty()) out.match.path = b.match.path;
    out.match.exact_path = a.match.exact_path || b.match.exact_path;
    return out;
  }

  Alternatives one(int depth) {
    if (depth > deepest_rule) refuse("the rule is nested too deeply");
    if (!why_.empty()) return {};
    if (take("!")) {
      one(depth + 1);
      return {{{}, "'!' is not supported"}};
    }
    if (take("(")) {
      Alternatives out = any(depth + 1);
      if (!take(")")) refuse("a bracket is not closed");
      return out;
    }
    return condition();
  }

  Alternatives condition() {
    std::size_t length = 0;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])) != 0)
      ++length;
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (name.empty() || !take("(")) {
      refuse("unexpected text '" + name + std::string(rest_.substr(0, 30)) + "'");
      return {};
    }
    Alternatives out;
    do {
      const std::optional<std::string> value = text();
      if (!value) break;
      out.push_back(value_of(name, *value));
    } while (why_.empty() && take(","));
    if (!take(")")) refuse(name + "(: expected ')'");
    // Its texts are no alternatives of each other: Headers(`name`, `value`).
    if (!is_supported(matcher_of(name)) && !out.empty()) out.resize(1);
    return out;
  }

  static Alternative value_of(const std::string& name, const std::string& value) {
    const std::string matcher = matcher_of(name);
    Alternative out;
    if (!is_supported(matcher)) {
      out.why = name + " is not supported";
    } else if (matcher == "host") {
      out.match.host = lower_host(value);
      if (!is_host(out.match.host)) out.why = "Host(`" + value + "`) is no name";
    } else {
      out.match.path = value;
      out.match.exact_path = matcher == "path";
      if (!value.starts_with('/'))
        out.why = "a path must begin with '/'";
      else if (value.find_first_of("{}*^$\\\n") != std::string::npos)
        out.why = "patterns in a path are not supported";
    }
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

Rule read_rule(std::string_view rule) { return RuleReader(rule).run(); }

}  // namespace ccci::recipe
