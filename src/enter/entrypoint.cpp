// SPDX-License-Identifier: GPL-3.0-or-later
#include "entrypoint.hpp"

namespace ccci::enter {
namespace {

bool same(const char* left, const char* right) {
  while (*left != '\0' && *left == *right) ++left, ++right;
  return *left == *right;
}

std::size_t length(const char* text) {
  std::size_t count = 0;
  while (text[count] != '\0') ++count;
  return count;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool needs_escape(unsigned char c) { return c < 0x20U || c == 0x7fU || c == '\\'; }

// Works in place. Returns false if a byte that must be escaped is not, or if another byte is
// escaped.
bool unescape(char* text, std::size_t size) {
  std::size_t to = 0;
  for (std::size_t at = 0; at < size; ++at) {
    char c = text[at];
    if (c != '\\') {
      if (needs_escape(static_cast<unsigned char>(c))) return false;
    } else {
      if (size - at < 4 || text[at + 1] != 'x') return false;
      const int high = hex_digit(text[at + 2]);
      const int low = hex_digit(text[at + 3]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      if (c == '\0' || !needs_escape(static_cast<unsigned char>(c))) return false;
      at += 3;
    }
    text[to++] = c;
  }
  text[to] = '\0';
  return true;
}

bool is_component(const char* text) {
  if (*text == '\0' || same(text, ".") || same(text, "..")) return false;
  for (; *text != '\0'; ++text) {
    if (*text == '/') return false;
  }
  return true;
}

// Whether the text is a relative path of two clean components at least.
bool is_place(const char* text) {
  std::size_t components = 0;
  for (;;) {
    const char* part = text;
    while (*text != '\0' && *text != '/') ++text;
    const std::size_t size = static_cast<std::size_t>(text - part);
    if (size == 0 || (size == 1 && part[0] == '.')) return false;
    if (size == 2 && part[0] == '.' && part[1] == '.') return false;
    ++components;
    if (*text == '\0') return components >= 2;
    ++text;
  }
}

// Absolute, without '.', '..' or empty components, not "/" itself.
bool is_clean_path(const char* text) {
  if (*text != '/' || text[1] == '\0') return false;
  while (*text == '/') {
    const char* part = ++text;
    while (*text != '\0' && *text != '/') ++text;
    const std::size_t size = static_cast<std::size_t>(text - part);
    if (size == 0 || (size == 1 && part[0] == '.')) return false;
    if (size == 2 && part[0] == '.' && part[1] == '.') return false;
  }
  return true;
}

bool is_search_directory(const char* text) {
  if (!is_clean_path(text)) return false;
  for (const char* at = text; *at != '\0'; ++at) {
    if (*at == ':') return false;  // PATH cannot express it
  }
  return true;
}

bool is_hash(const char* text) {
  std::size_t size = 0;
  for (; text[size] != '\0'; ++size) {
    if (hex_digit(text[size]) < 0) return false;
  }
  return size >= 16 && size <= 64;
}

// Whether the text is NAME=VALUE. The two names that the launcher itself sets are not allowed.
bool is_variable(const char* text) {
  if (!is_letter(*text)) return false;
  const char* at = text;
  while (is_letter(*at) || is_digit(*at)) ++at;
  if (*at != '=') return false;
  const auto named = [&](const char* name) {
    const char* left = text;
    while (left != at && *left == *name) ++left, ++name;
    return left == at && *name == '\0';
  };
  return !named("PATH") && !named(marker_variable);
}

struct Repeating {
  const char* word;
  Directive directive;
  bool (*valid)(const char*);
  const char* expected;
};

bool is_anything(const char* /*text*/) { return true; }

constexpr Repeating repeating[] = {
    {"path", Directive::path, is_search_directory,
     "expected an absolute directory without ':', '.', '..' and '//' after 'path'"},
    {"etc", Directive::etc, is_component, "expected one name below /etc after 'etc'"},
    {"place", Directive::place, is_place,
     "expected a relative path with at least two components after 'place'"},
    {"variable", Directive::variable, is_variable,
     "expected NAME=VALUE other than PATH and CC_CI_ENVIRONMENT after 'variable'"},
    {"exec", Directive::exec, is_anything, "expected a word after 'exec'"},
};

struct Once {
  const char* word;
  const char* EntrypointView::*member;
  bool (*valid)(const char*);
  const char* expected;
};

constexpr Once once[] = {
    {"name", &EntrypointView::name, is_component, "expected one 'name' without '/'"},
    {"environment", &EntrypointView::environment, is_hash,
     "expected one 'environment' of 16 to 64 hexadecimal digits"},
    {"root", &EntrypointView::root, is_clean_path,
     "expected one 'root', an absolute path without '.', '..' and '//'"},
};

// Whether the value repeats an earlier one of the same kind.
bool is_repeated(const EntrypointView& view, Directive directive, const char* text) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& other = view.values[at];
    if (other.directive != directive) continue;
    const char* left = other.text;
    const char* right = text;
    const char stop = directive == Directive::variable ? '=' : '\0';
    while (*left != '\0' && *left != stop && *left == *right) ++left, ++right;
    if (*left == *right && *left == stop) return true;
  }
  return false;
}

const char* take(const char* word, char* value, EntrypointView& view) {
  for (const Once& row : once) {
    if (!same(word, row.word)) continue;
    if (view.*row.member != nullptr || !row.valid(value)) return row.expected;
    view.*row.member = value;
    return nullptr;
  }
  for (const Repeating& row : repeating) {
    if (!same(word, row.word)) continue;
    if (!row.valid(value)) return row.expected;
    if (row.directive == (view.format == 1 ? Directive::place : Directive::etc)) {
      return "expected a directive of the file's own format";
    }
    if (row.directive != Directive::exec && is_repeated(view, row.directive, value)) {
      return "expected each path, place and variable once";
    }
    if (view.count == most_values) return "expected at most 1024 values";
    view.values[view.count++] = {row.directive, value};
    return nullptr;
  }
  return "expected name, environment, root, path, place, variable, exec or end";
}

enum class Stage : std::uint8_t { start, body, end };

EntrypointFault take_line(char* line, std::size_t size, Stage& stage, EntrypointView& view) {
  if (stage == Stage::end) return {"expected nothing after 'end'"};
  line[size] = '\0';
  if (length(line) != size) return {"expected text, found a NUL byte"};
  if (stage == Stage::body && same(line, "end")) {
    stage = Stage::end;
    return {};
  }
  std::size_t word = 0;
  while (word < size && line[word] != ' ') ++word;
  if (word == size) return {"expected a directive, a space and its value"};
  line[word] = '\0';
  char* value = line + word + 1;
  if (!unescape(value, size - word - 1)) {
    return {"expected '\\' and control characters, and only these, as \\xNN"};
  }
  if (stage == Stage::body) return {take(line, value, view)};
  if (!same(line, "entrypoint")) return {"expected 'entrypoint 2' as the first directive"};
  if (!same(value, "2") && !same(value, "1")) return {"expected entrypoint format 2", 0, true};
  view.format = *value - '0';
  stage = Stage::body;
  return {};
}

const char* missing(const EntrypointView& view) {
  for (const Once& row : once) {
    if (view.*row.member == nullptr) return row.expected;
  }
  for (std::size_t at = 0; at < view.count; ++at) {
    if (view.values[at].directive == Directive::path) return nullptr;
  }
  return "expected at least one 'path'";
}

}  // namespace

EntrypointFault parse_entrypoint(char* bytes, std::size_t size, EntrypointView& view) {
  view.name = view.environment = view.root = nullptr;
  view.count = 0;
  view.format = 0;
  if (size > largest_entrypoint) return {"expected at most 262144 bytes", 1};
  Stage stage = Stage::start;
  std::size_t number = 0;
  for (std::size_t at = 0; at < size;) {
    ++number;
    std::size_t end = at;
    while (end < size && bytes[end] != '\n') ++end;
    if (end == size) return {"expected a newline at the end of the line", number};
    char* line = bytes + at;
    if (end != at && *line != '#') {
      EntrypointFault fault = take_line(line, end - at, stage, view);
      if (fault.what != nullptr) {
        fault.line = number;
        return fault;
      }
    }
    at = end + 1;
  }
  bytes[size] = '\0';
  if (stage != Stage::end) return {"expected 'end' as the last line", number + 1};
  return {missing(view), number};
}

}  // namespace ccci::enter
