// SPDX-License-Identifier: GPL-3.0-or-later
// TOML text as a tree that knows where each key and value stands. The TOML library stays behind
// this header: it is slow to compile, and nothing else needs it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"

namespace ccci::declare {

// A place, lighter than base::Position. Line and column count from 1, the column in bytes.
struct Span {
  int line = 1;
  int column = 1;
  int length = 1;

  auto operator<=>(const Span&) const = default;
};

enum class Kind { table, list, text, integer, real, boolean, date };

struct Entry;

struct Node {
  Kind kind = Kind::table;
  Span at;
  bool bad = false;            // not of its form: reported, to be judged no further
  std::string text;            // of Kind::text
  std::vector<Node> items;     // of Kind::list
  std::vector<Entry> entries;  // of Kind::table, in the order of the text

  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Span at;
  Node value;
};

// What `node` is, with its article: "a list", "an integer".
std::string_view describe(Kind kind);

// Puts '*' for what a URL holds before its '@': a secret more often than not, and messages end in
// the logs of CI.
void hide_credentials(std::string& text);

// The text's lines, to turn spans into positions. Refers to the text, does not own it.
class Lines {
 public:
  Lines(std::string_view text, std::string file);

  // The excerpt is the whole line up to 1024 bytes. Of a longer line it is a window around the
  // span, "…" at each cut, and then the column counts within the window: an excerpt and a column
  // that disagree would put the carets under something else. User names and passwords in URLs are
  // replaced by as many '*'.
  base::Position at(Span span) const;
  std::string_view line(int number) const;
  // Bytes before the code point that stands at `column` (code points, from 1) of the line.
  int byte_column(int number, int column) const;

 private:
  std::string_view text_;
  std::string file_;
  std::vector<std::size_t> starts_;         // of each line
  std::vector<std::size_t> points_before_;  // code points before each block of the text
};

inline constexpr int deepest = 32;                // brackets in brackets, or parts of a dotted key
inline constexpr std::size_t most_parts = 20000;  // keys, headers and list items together

// [declare.syntax], [declare.too-deep], [declare.too-many]: only the first is found.
base::Result<Node> read_document(std::string_view text, const Lines& lines);

}  // namespace ccci::declare
