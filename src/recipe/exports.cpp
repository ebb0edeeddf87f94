// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/text.hpp"
#include "recipe/env_file.hpp"

namespace ccci::recipe {

namespace {

// The word that ends a here-document which begins in this line; empty if none does.
std::string_view here_document(std::string_view line) {
  const std::size_t at = line.find("<<");
  if (at == std::string_view::npos || line.substr(at).starts_with("<<<")) return {};
  std::string_view rest = line.substr(at + 2);
  while (!rest.empty() && std::string_view("-'\"\\ ").find(rest[0]) != std::string_view::npos)
    rest.remove_prefix(1);
  std::size_t length = 0;
  while (length < rest.size() &&
         (std::isalnum(static_cast<unsigned char>(rest[length])) != 0 || rest[length] == '_'))
    ++length;
  return rest.substr(0, length);
}

// Reads the words of one `export` line.
class ExportReader {
 public:
  ExportReader(std::string_view rest, Exports& out) : rest_(rest), out_(out) {}

  void run() {
    for (;;) {
      while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
      if (rest_.empty() || is_end(rest_[0]) || rest_[0] == '#') return;
      if (!word()) return;
    }
  }

 private:
  static bool is_end(char c) { return c == ';' || c == '&' || c == '|' || c == ')' || c == '\r'; }

  std::size_t name_size() const {
    std::size_t length = 0;
    while (length < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[length])) != 0 || rest_[length] == '_'))
      ++length;
    return length;
  }

  bool word() {
    const std::size_t length = name_size();
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (name.empty()) return false;
    if (!rest_.starts_with('=')) return rest_.empty() || rest_[0] == ' ';
    rest_.remove_prefix(1);
    std::string value;
    bool known = true;
    char quote = 0;
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      const char c = rest_[0];
      if (quote == 0 && (c == ' ' || c == '\t' || is_end(c))) break;
      if (quote != '\'' && (c == '`' || c == '$')) {
        known = known && variable(value);
      } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
        quote = quote == 0 ? c : static_cast<char>(0);
      } else if (c == '\\' && quote != '\'' && rest_.size() > 1) {
        rest_.remove_prefix(1);
        value += rest_[0];
      } else {
        value += c;
      }
    }
    if (known && quote == 0)
      out_.values[name] = value;
    else
      out_.unread.push_back(name);
    return true;
  }

  // Takes a variable up to its last character. False if only a shell knows the value.
  bool variable(std::string& value) {
    if (rest_[0] == '`') return false;
    const bool braces = rest_.substr(1).starts_with('{');
    const std::string_view whole = rest_;
    rest_.remove_prefix(braces ? 2 : 1);
    const std::size_t length = name_size();
    const auto found = out_.values.find(rest_.substr(0, length));
    const bool closed = !braces || rest_.substr(length).starts_with('}');
    if (length == 0 || !closed || found == out_.values.end()) {
      rest_ = whole;
      return false;
    }
    value += found->second;
    rest_.remove_prefix(length - (braces ? 0 : 1));
    return true;
  }

  std::string_view rest_;
  Exports& out_;
};

}  // namespace

Exports read_exports(std::string_view text) {
  Exports out;
  std::string_view until;
  std::size_t lines = 0;
  for (std::string_view line : base::split(text, '\n')) {
    if (++lines > most_env_lines) break;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!until.empty()) {
      if (base::trim(line) == until) until = {};
      continue;
    }
    if (line.starts_with("export ") || line.starts_with("export\t"))
      ExportReader(line.substr(7), out).run();
    else if (!line.starts_with('#'))
      until = here_document(line);
  }
  return out;
}

}  // namespace ccci::recipe
