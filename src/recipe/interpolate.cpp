// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/interpolate.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "recipe/trail.hpp"

namespace ccci::recipe {

namespace {

constexpr int deepest_default = 20;
constexpr std::size_t longest_filled_in = 1U << 20U;

bool starts_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool continues_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

std::size_t name_length(std::string_view text) {
  if (text.empty() || !starts_name(text[0])) return 0;
  std::size_t length = 1;
  while (length < text.size() && continues_name(text[length])) ++length;
  return length;
}

// The index of the brace that closes a `${`, of which `text` is what follows. Braces that no
// dollar opens do not count, as in Compose.
std::size_t closing_brace(std::string_view text) {
  int open = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("$$")) {
      ++i;
    } else if (text.substr(i).starts_with("${")) {
      ++open;
      ++i;
    } else if (text[i] == '}' && --open == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

class Filler {
 public:
  Filler(const Variables& variables, std::set<std::string>& unset, Required required)
      : variables_(variables), unset_(unset), required_(required) {}

  // Nothing if it failed: see `problem`.
  std::optional<std::string> fill(std::string_view text, std::size_t offset, int depth) {
    if (depth > deepest_default) return bad(offset);
    std::string out;
    std::size_t i = 0;
    while (i < text.size()) {
      const std::size_t dollar = std::min(text.find('$', i), text.size());
      out += text.substr(i, dollar - i);
      i = dollar;
      if (i == text.size()) break;
      const std::string_view rest = text.substr(i + 1);
      if (rest.starts_with('$')) {
        out += '$';
        i += 2;
      } else if (const std::size_t length = name_length(rest); length > 0) {
        out += plain(rest.substr(0, length));
        i += 1 + length;
      } else if (rest.starts_with('{')) {
        const std::size_t end = closing_brace(rest.substr(1));
        if (end == std::string_view::npos) return bad(offset + i);
        const std::optional<std::string> value =
            braced(rest.substr(1, end), offset + i, offset + i + 2, depth);
        if (!value) return std::nullopt;
        out += *value;
        i += end + 3;
      } else {
        return bad(offset + i);
      }
      if (out.size() > longest_filled_in) return bad(offset);
    }
    return out;
  }

  Interpolated problem = BadTemplate{};

 private:
  std::optional<std::string> bad(std::size_t offset) {
    problem = BadTemplate{offset};
    return std::nullopt;
  }

  const std::string* value_of(std::string_view name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? nullptr : &found->second;
  }

  std::string plain(std::string_view name) {
    const std::string* value = value_of(name);
    if (value == nullptr) unset_.emplace(name);
    return value == nullptr ? std::string() : *value;
  }

  // `inside` is what the braces enclose; `begin` is its offset.
  std::optional<std::string> braced(std::string_view inside, std::size_t dollar, std::size_t begin,
                                    int depth) {
    const std::size_t length = name_length(inside);
    if (length == 0) return bad(dollar);
    const std::string_view name = inside.substr(0, length);
    std::string_view rest = inside.substr(length);
    if (rest.empty()) return plain(name);
    const bool colon = rest.starts_with(':');
    if (colon) rest.remove_prefix(1);
    if (rest.empty()) return bad(dollar);
    const char operation = rest[0];
    const std::string_view word = rest.substr(1);
    const std::size_t word_at = begin + inside.size() - word.size();
    const std::string* value = value_of(name);
    const bool has = value != nullptr && !(colon && value->empty());
    switch (operation) {
      case '-':
        if (has) return *value;
        return fill(word, word_at, depth + 1);
      case '+':
        if (!has) return std::string();
        return fill(word, word_at, depth + 1);
      case '?': {
        if (has) return *value;
        if (required_ == Required::may_be_missing) {
          unset_.emplace(name);
          return std::string();
        }
        const std::optional<std::string> message = fill(word, word_at, depth + 1);
        if (!message) return std::nullopt;
        problem = MissingVariable{std::string(name), *message};
        return std::nullopt;
      }
      default:
        return bad(dollar);
    }
  }

  const Variables& variables_;
  std::set<std::string>& unset_;
  Required required_;
};

class TreeFiller {
 public:
  TreeFiller(const Variables& variables, const Sources& sources, std::set<std::string>& unset,
             Required required)
      : variables_(variables), sources_(sources), unset_(unset), required_(required) {}

  void visit(Node& node, const Trail& trail) {
    if (node.kind == Node::Kind::text) fill(node, trail);
    for (std::size_t i = 0; i < node.items.size(); ++i) visit(node.items[i], trail / i);
    for (Member& member : node.members) visit(member.value, trail / member.key);
  }

  std::vector<base::Error> errors;

 private:
  static std::string names_in(std::string_view text) {
    const std::set<std::string> names = variables_in(text);
    return base::join(std::vector<std::string>(names.begin(), names.end()), ", ");
  }

  void fill(Node& node, const Trail& trail) {
    if (node.text.find('$') == std::string::npos) return;
    Interpolated filled = interpolate(node.text, variables_, unset_, required_);
    if (std::string* text = std::get_if<std::string>(&filled)) {
      node.filled_in = *text != node.text;
      if (node.filled_in) node.variables = names_in(node.text);
      node.text = std::move(*text);
      bytes_ += node.text.size();
      if (bytes_ > most_text && errors.empty())
        errors.push_back(base::fail("recipe.too-large")
                             .with("what", "bytes of text")
                             .with("limit", static_cast<long long>(most_text))
                             .at(sources_.position(node.at)));
      if (bytes_ > most_text) node.text.clear();
      return;
    }
    if (const auto* missing = std::get_if<MissingVariable>(&filled)) {
      errors.push_back(base::fail("recipe.required")
                           .with("key", trail.text())
                           .with("variable", missing->name)
                           .with("message", missing->message)
                           .at(sources_.position(node.at)));
      return;
    }
    errors.push_back(base::fail("recipe.template")
                         .with("key", trail.text())
                         .with("text", node.text.substr(std::get<BadTemplate>(filled).offset, 40))
                         .at(sources_.position(node.at)));
  }

  const Variables& variables_;
  const Sources& sources_;
  std::set<std::string>& unset_;
  Required required_;
  std::size_t bytes_ = 0;
};

}  // namespace

Interpolated interpolate(std::string_view text, const Variables& variables,
                         std::set<std::string>& unset, Required required) {
  Filler filler(variables, unset, required);
  if (std::optional<std::string> filled = filler.fill(text, 0, 0)) return std::move(*filled);
  return filler.problem;
}

base::Result<void> interpolate(Node& tree, const Variables& variables, const Sources& sources,
                               std::set<std::string>& unset, Required required) {
  TreeFiller filler(variables, sources, unset, required);
  filler.visit(tree, {});
  if (filler.errors.empty()) return {};
  return base::unexpected(base::together(std::move(filler.errors)));
}

std::set<std::string> variables_in(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') continue;
    if (text[i + 1] == '$') {
      ++i;
      continue;
    }
    const std::string_view rest = text.substr(text[i + 1] == '{' ? i + 2 : i + 1);
    if (const std::size_t length = name_length(rest); length > 0)
      names.emplace(rest.substr(0, length));
  }
  return names;
}

}  // namespace ccci::recipe
