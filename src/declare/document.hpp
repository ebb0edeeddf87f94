// SPDX-License-Identifier: GPL-3.0-or-later
// TOML text as a tree with the position of each key and value. This header hides the TOML library:
// it is slow to compile, and no other code needs it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"

namespace ccci::declare {

// A position, smaller than base::Position. Line and column count from 1. The column is in bytes.
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
  bool bad = false;  // does not match its form; already reported, so not checked further
  std::string text;  // of Kind::text; "true" or "false" of Kind::boolean; an integer's digits
  std::vector<Node> items;     // of Kind::list
  std::vector<Entry> entries;  // of Kind::table, in the order of the text

  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Span at;
  Node value;
};

// The name of the kind with its article: "a list", "an integer".
std::string_view describe(Kind kind);

// Replaces the text before the '@' of a URL by '*'. It is usually a secret, and messages are copied
// to CI logs.
void hide_credentials(std::string& text);

// The lines of the text, used to turn spans into positions. Refers to the text but does not own it.
class Lines {
 public:
  Lines(std::string_view text, std::string file);

  // The excerpt is the whole line if the line has at most 1024 bytes. For a longer line it is a
  // window around the span, with "…" at each cut. The column then counts within the window, so that
  // the carets point at the right text. User names and passwords in URLs are replaced by '*' of the
  // same length.
  base::Position at(Span span) const;
  std::string_view line(int number) const;
  // The number of bytes before the code point at `column` of the line (in code points, from 1).
  int byte_column(int number, int column) const;

 private:
  std::string_view text_;
  std::string file_;
  std::vector<std::size_t> starts_;         // of each line
  std::vector<std::size_t> points_before_;  // code points before each block of the text
};

inline constexpr int deepest = 32;                // nested brackets, or parts of a dotted key
inline constexpr std::size_t most_parts = 20000;  // keys, headers and list items together

// [declare.syntax], [declare.too-deep], [declare.too-many]: stops at the first error.
base::Result<Node> read_document(std::string_view text, const Lines& lines);

}  // namespace ccci::declare
