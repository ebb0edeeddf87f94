// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/list_text.hpp"

namespace ccci::learn {

namespace {

constexpr std::size_t widest = 100;
constexpr std::size_t npos = std::string_view::npos;

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t newline = at == 0 ? npos : text.rfind('\n', at - 1);
  return newline == npos ? 0 : newline + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// The first byte from `at` on that is not white space or a comment; npos if there is none.
std::size_t past_comments(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\r\n", at);
  while (at != npos && text[at] == '#') {
    at = text.find_first_not_of(" \t\r\n", line_end(text, at));
  }
  return at;
}

// The spaces and tabs at the start of the line.
std::string_view indentation(std::string_view text, std::size_t at) {
  const std::size_t begin = line_begin(text, at);
  const std::size_t end = text.find_first_not_of(" \t", begin);
  return text.substr(begin, std::min(end, text.size()) - begin);
}

// The offset after the string that begins at `at`; npos if the string has no end.
std::size_t string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string thrice(3, quote);
  const bool block = text.substr(at, 3) == thrice;
  std::size_t i = at + (block ? 3 : 1);
  for (; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (!block && text[i] == quote) {
      return i + 1;
    } else if (block && text.substr(i, 3) == thrice) {
      i += 3;
      // A multi-line string may end with one or two quotes before the closing ones.
      while (i < text.size() && text[i] == quote) ++i;
      return i;
    }
  }
  return npos;
}

std::string quoted(const std::string& name) { return '"' + name + '"'; }

// The new elements as text that starts at `column`. Each line after the first begins with `indent`.
std::string set_elements(const std::vector<std::string>& names, std::size_t column,
                         const std::string& indent, bool own_lines, bool comma_last,
                         std::string_view newline) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string element = quoted(names[i]);
    if (comma_last || i + 1 < names.size()) element += ',';
    if (i > 0 && (own_lines || column + 1 + element.size() > widest)) {
      out += newline;
      out += indent;
      column = indent.size();
    } else if (i > 0) {
      out += ' ';
      ++column;
    }
    out += element;
    column += element.size();
  }
  return out;
}

struct Insertion {
  std::size_t at;
  std::string what;
};

// `pieces` must be sorted by their offsets.
std::string inserted(std::string_view text, const std::vector<Insertion>& pieces) {
  std::string out;
  std::size_t done = 0;
  for (const Insertion& piece : pieces) {
    out += text.substr(done, piece.at - done);
    out += piece.what;
    done = piece.at;
  }
  out += text.substr(done);
  return out;
}

std::string append_to_empty(std::string_view text, const ListText& list,
                            const std::vector<std::string>& names, std::string_view newline) {
  const bool one_line = line_begin(text, list.open) == line_begin(text, list.close);
  if (one_line) {
    const std::size_t column = list.open + 1 - line_begin(text, list.open);
    const std::string indent(column, ' ');
    return inserted(text,
                    {{list.close, set_elements(names, column, indent, false, false, newline)}});
  }
  // Insert directly before the closing bracket, after any comments.
  const std::string indent = std::string(indentation(text, list.open)) + "  ";
  return inserted(text,
                  {{line_begin(text, list.close),
                    indent + set_elements(names, indent.size(), indent, false, true, newline) +
                        std::string(newline)}});
}

// Removes the element from `begin` to `end`; `comma` is the offset of the comma before it.
std::string without_element(std::string_view text, const ListText& list, std::size_t begin,
                            std::size_t end, std::size_t comma) {
  const auto cut = [&](std::size_t from, std::size_t to) {
    return std::string(text.substr(0, from)) + std::string(text.substr(to));
  };
  const std::size_t next = past_comments(text, end);
  const bool followed = next != npos && text[next] == ',';
  const std::size_t after = followed ? next + 1 : end;
  const std::size_t line = line_begin(text, begin);
  const std::size_t rest = text.find_first_not_of(" \t\r", after);
  const bool alone = line > list.open && text.find_first_not_of(" \t", line) == begin &&
                     (rest == npos || text[rest] == '\n' || text[rest] == '#');
  if (alone && (followed || comma == npos)) {
    return cut(line, std::min(line_end(text, after) + 1, text.size()));
  }
  if (!followed) return cut(comma == npos ? begin : comma, end);
  const std::size_t close = text.find_first_not_of(" \t", after);
  return cut(begin, close == npos ? after : close);
}

}  // namespace

std::optional<ListText> read_list(std::string_view text, std::size_t open) {
  if (open >= text.size() || text[open] != '[') return std::nullopt;
  ListText list;
  list.open = open;
  std::size_t i = open + 1;
  while (i < text.size()) {
    const char c = text[i];
    if (c == ']') {
      list.close = i;
      return list;
    }
    if (c == '#') {
      i = line_end(text, i);
    } else if (c == ',') {
      list.comma = i++;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
    } else if (c == '"' || c == '\'') {
      const std::size_t end = string_end(text, i);
      if (end == npos) return std::nullopt;
      if (!list.last || line_begin(text, *list.last) != line_begin(text, i)) {
        ++list.lines_with_elements;
      }
      if (!list.first) list.first = i;
      list.last = i;
      list.last_end = end;
      list.comma.reset();
      ++list.elements;
      i = end;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string append_to_list(std::string_view text, const ListText& list,
                           const std::vector<std::string>& names) {
  if (names.empty()) return std::string(text);
  const std::string_view newline = text.find("\r\n") != npos ? "\r\n" : "\n";
  if (!list.last) return append_to_empty(text, list, names, newline);
  // End the list with a comma if it had one, even if that comma has its own line.
  const bool comma_last = list.comma.has_value();
  const std::size_t after = comma_last ? *list.comma + 1 : list.last_end;
  const std::size_t begin = line_begin(text, after);
  std::size_t end = line_end(text, after);
  if (end > after && text[end - 1] == '\r') --end;
  const bool closes_here = list.close <= end;
  const bool spread = line_begin(text, list.open) != line_begin(text, list.close);
  // Each element has its own line.
  const bool own_lines =
      spread && list.lines_with_elements == list.elements &&
      (list.elements > 1 || line_begin(text, list.open) != line_begin(text, *list.first));
  std::vector<Insertion> pieces;
  if (!comma_last) pieces.push_back({list.last_end, ","});
  const std::size_t last_line = line_begin(text, *list.last);
  const std::string indent = line_begin(text, list.open) == last_line
                                 ? std::string(list.open + 1 - last_line, ' ')
                                 : std::string(indentation(text, *list.last));
  const std::size_t column = after - begin + (comma_last ? 0 : 1);
  // Add to the line of the last element, unless the layout, the width or a comment requires a new
  // line.
  const bool comment = !closes_here && text.substr(after, end - after).find('#') != npos;
  const bool fits = column + 1 + quoted(names.front()).size() + 1 <= widest;
  if (!own_lines && !comment && (fits || !spread)) {
    pieces.push_back(
        {after, " " + set_elements(names, column + 1, indent, false, comma_last, newline)});
    return inserted(text, pieces);
  }
  const std::string elements =
      set_elements(names, indent.size(), indent, own_lines, comma_last, newline);
  pieces.push_back({closes_here ? after : end, std::string(newline) + indent + elements});
  return inserted(text, pieces);
}

std::string remove_from_list(std::string_view text, std::size_t open, const std::string& name) {
  const auto list = read_list(text, open);
  if (!list) return std::string(text);
  std::size_t comma = npos;  // before the present element
  for (std::size_t i = open + 1; i < list->close;) {
    if (text[i] == '#') {
      i = line_end(text, i);
    } else if (text[i] == ',') {
      comma = i++;
    } else if (text[i] != '"' && text[i] != '\'') {
      ++i;
    } else {
      const std::size_t end = string_end(text, i);
      if (text.substr(i + 1, end - i - 2) == name)
        return without_element(text, *list, i, end, comma);
      i = end;
    }
  }
  return std::string(text);
}

}  // namespace ccci::learn
