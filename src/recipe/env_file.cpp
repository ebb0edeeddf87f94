// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/env_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "recipe/utf8.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t longest_env_value = 1U << 16U;

bool is_key_char(char c, bool first) {
  const bool letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

std::size_t key_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_key_char(text[length], length == 0)) ++length;
  return length;
}

std::string_view skip_blanks(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// The words NAME=VALUE of a comment.
std::map<std::string, std::string> directives_of(std::string_view comment) {
  std::map<std::string, std::string> out;
  std::string word;
  const auto take = [&] {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos && equals > 0 && key_length(word) == equals)
      out[word.substr(0, equals)] = word.substr(equals + 1);
    word.clear();
  };
  for (const char c : comment) {
    if (c == ' ' || c == '\t' || c == ',' || c == ';' || c == '#' || c == '(' || c == ')')
      take();
    else
      word += c;
  }
  take();
  return out;
}

class EnvReader {
 public:
  EnvReader(std::string_view text, int file, const Sources& sources, const Variables& pinned)
      : text_(text), file_(file), sources_(sources), pinned_(pinned), values_(pinned) {}

  base::Result<EnvFile> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (is_wide(text_)) return base::unexpected(no_text({file_, 1, 1, 1}, text_));
    while (!text_.empty()) {
      if (++line_ > static_cast<int>(most_env_lines)) return base::unexpected(too_large());
      const int first = line_;
      const std::string_view line = take_line();
      const std::string_view words = base::trim(line);
      if (words.empty()) continue;
      if (words.starts_with('#')) {
        commented(words.substr(1));
        continue;
      }
      const char* const begin = line.data();
      CCCI_CHECK(entry(line));
      CCCI_CHECK(check_text(first, {begin, static_cast<std::size_t>(text_.data() - begin)}));
    }
    return std::move(out_);
  }

 private:
  std::string_view take_line() {
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  // `#KEY=value`, also with a blank after the `#`. Prose is no entry.
  void commented(std::string_view text) {
    text = skip_blanks(text);
    const std::size_t length = key_length(text);
    if (length == 0 || length == text.size() || text[length] != '=') return;
    EnvEntry entry;
    entry.key = text.substr(0, length);
    entry.at = {file_, line_, 1, 1};
    entry.commented = true;
    const std::string_view rest = skip_blanks(text.substr(length + 1));
    const bool quotes = rest.starts_with('"') || rest.starts_with('\'');
    const std::size_t end = quotes ? rest.find(rest[0], 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      plain(rest, entry);
    } else {
      entry.value = rest.substr(1, end - 1);
      entry.directives = directives_of(rest.substr(end + 1));
    }
    out_.entries.push_back(std::move(entry));
  }

  base::Result<void> entry(std::string_view line) {
    std::string_view rest = skip_blanks(line);
    if (rest.starts_with("export ")) rest = skip_blanks(rest.substr(7));
    const std::size_t length = key_length(rest);
    EnvEntry entry;
    entry.key = rest.substr(0, length);
    entry.at = {file_, line_, static_cast<int>(rest.data() - line.data()) + 1,
                std::max(1, static_cast<int>(length))};
    rest = skip_blanks(rest.substr(length));
    if (length == 0 || rest.empty() || (rest[0] != '=' && rest[0] != ':'))
      return base::unexpected(bad(entry.at, "KEY=VALUE"));
    rest = skip_blanks(rest.substr(1));
    if (rest.starts_with('"') || rest.starts_with('\'')) {
      CCCI_CHECK(quoted(rest, entry));
    } else {
      plain(rest, entry);
    }
    if (entry.value.size() > longest_env_value) return base::unexpected(too_large());
    fill_in_domain(entry.value);
    const auto pinned = pinned_.find(entry.key);
    if (pinned != pinned_.end()) entry.value = pinned->second;
    values_[entry.key] = entry.value;
    out_.entries.push_back(std::move(entry));
    return {};
  }

  void plain(std::string_view rest, EnvEntry& entry) {
    std::size_t hash = 0;
    for (; hash < rest.size(); ++hash)
      if (rest[hash] == '#' && (hash == 0 || rest[hash - 1] == ' ' || rest[hash - 1] == '\t'))
        break;
    entry.value = expanded(base::trim(rest.substr(0, hash)), entry.key);
    if (hash < rest.size()) entry.directives = directives_of(rest.substr(hash + 1));
  }

  // A quoted value may have several lines.
  base::Result<void> quoted(std::string_view rest, EnvEntry& entry) {
    const char quote = rest[0];
    std::string raw;
    rest.remove_prefix(1);
    for (;;) {
      std::size_t end = 0;
      while (end < rest.size() && rest[end] != quote)
        end += rest[end] == '\\' && quote == '"' ? 2U : 1U;
      raw += rest.substr(0, std::min(end, rest.size()));
      if (end < rest.size()) {
        rest = skip_blanks(rest.substr(end + 1));
        break;
      }
      if (text_.empty() || raw.size() > longest_env_value)
        return base::unexpected(bad(entry.at, std::string("a closing ") + quote));
      raw += '\n';
      ++line_;
      rest = take_line();
    }
    if (!rest.empty() && rest[0] != '#')
      return base::unexpected(bad(entry.at, "nothing or a comment after the closing quote"));
    if (!rest.empty()) entry.directives = directives_of(rest.substr(1));
    entry.value = quote == '\'' ? raw : expanded(raw, entry.key, true);
    return {};
  }

  void fill_in_domain(std::string& value) const {
    const auto domain = pinned_.find("DOMAIN");
    if (domain == pinned_.end()) return;
    for (const std::string_view form : {"{{ .Domain }}", "{{.Domain}}"}) {
      for (std::size_t at = value.find(form); at != std::string::npos;
           at = value.find(form, at + domain->second.size()))
        value.replace(at, form.size(), domain->second);
    }
  }

  std::string value_of(std::string_view name, const std::string& key) const {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    return key == "COMPOSE_FILE" && name == key ? "compose.yml" : "";
  }

  // Replaces $NAME and ${NAME}, and in double quotes the escapes. A dollar before anything else
  // stays.
  std::string expanded(std::string_view text, const std::string& key, bool escapes = false) const {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() <= longest_env_value; ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && (escapes || text[i + 1] == '$')) {
        const char c = text[++i];
        if (c != 'n' && c != 'r' && c != '"' && c != '\\' && c != '$') out += '\\';
        out += c == 'n' ? '\n' : c == 'r' ? '\r' : c;
        continue;
      }
      if (text[i] != '$') {
        out += text[i];
        continue;
      }
      const bool braces = i + 1 < text.size() && text[i + 1] == '{';
      const std::string_view rest = text.substr(i + (braces ? 2 : 1));
      std::size_t length = 0;
      while (length < rest.size() && is_key_char(rest[length], length == 0) &&
             rest[length] != '.' && rest[length] != '-')
        ++length;
      const bool closed = !braces || (length < rest.size() && rest[length] == '}');
      if (length == 0 || !closed) {
        out += '$';
        continue;
      }
      out += value_of(rest.substr(0, length), key);
      i += length + (braces ? 2 : 0);
    }
    return out;
  }

  // A comment may be in any encoding, and nothing reads it.
  base::Result<void> check_text(int first, std::string_view lines) const {
    const EnvEntry& entry = out_.entries.back();
    const auto offset = first_bad_byte(lines);
    if (!offset || !first_bad_byte(entry.value)) return {};
    const LineColumn found = line_column(lines, *offset);
    const Place at{file_, first + found.line - 1, found.column, 1};
    return base::unexpected(no_text(at, lines));
  }

  base::Error no_text(const Place& at, std::string_view text) const {
    return bad(at, "text in UTF-8").with("remedy", remedy_for_text(text));
  }

  base::Error bad(const Place& at, std::string_view expected) const {
    return base::fail("recipe.env-line").with("expected", expected).at(sources_.position(at));
  }

  base::Error too_large() const {
    return base::fail("recipe.too-large")
        .with("what", "lines, or bytes of a value")
        .with("limit", static_cast<long long>(most_env_lines))
        .at(sources_.position({file_, line_, 1, 1}));
  }

  std::string_view text_;
  int file_;
  const Sources& sources_;
  const Variables& pinned_;
  Variables values_;
  int line_ = 0;
  EnvFile out_;
};

}  // namespace

const EnvEntry* EnvFile::find(std::string_view key) const {
  const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const EnvEntry& entry) {
    return !entry.commented && entry.key == key;
  });
  return found == entries.rend() ? nullptr : &*found;
}

const EnvEntry* EnvFile::find_commented(std::string_view key) const {
  const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const EnvEntry& entry) {
    return entry.commented && entry.key == key;
  });
  return found == entries.rend() ? nullptr : &*found;
}

Variables EnvFile::values() const {
  Variables out;
  for (const EnvEntry& entry : entries)
    if (!entry.commented) out[entry.key] = entry.value;
  return out;
}

base::Result<EnvFile> read_env_file(std::string_view text, int file, const Sources& sources,
                                    const Variables& pinned) {
  return EnvReader(text, file, sources, pinned).run();
}

base::Result<OptionalValues> read_docker_env(std::string_view text, int file,
                                             const Sources& sources, const Variables& variables) {
  OptionalValues out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int number = 0;
  for (std::string_view line : base::split(text, '\n')) {
    const Place at{file, ++number, 1, 1};
    if (number > static_cast<int>(most_env_lines))
      return base::unexpected(base::fail("recipe.too-large")
                                  .with("what", "lines")
                                  .with("limit", static_cast<long long>(most_env_lines))
                                  .at(sources.position(at)));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view whole = line;
    line = skip_blanks(line);
    if (line.empty() || line[0] == '#') continue;
    if (first_bad_byte(line))
      return base::unexpected(
          base::fail("recipe.env-line")
              .with("expected", "text in UTF-8")
              .with("remedy", remedy_for_text(line))
              .at(sources.position(
                  {file, number, static_cast<int>(*first_bad_byte(whole)) + 1, 1})));
    const std::size_t equals = line.find('=');
    const std::string key(line.substr(0, equals));
    if (key.empty() || key.find_first_of(" \t") != std::string::npos)
      return base::unexpected(base::fail("recipe.env-line")
                                  .with("expected", "KEY=VALUE without blanks before the '='")
                                  .at(sources.position(at)));
    if (equals != std::string_view::npos) {
      out[key] = std::string(line.substr(equals + 1));
      continue;
    }
    const auto known = variables.find(key);
    if (known != variables.end()) out[key] = known->second;
  }
  return out;
}

}  // namespace ccci::recipe
