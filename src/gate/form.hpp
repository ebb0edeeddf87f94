// SPDX-License-Identifier: GPL-3.0-or-later
// The table of keys of the gate's files, and the functions that read them. They find unknown keys,
// wrong types and missing keys in every table, and report all of them at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "declare/document.hpp"

namespace ccci::gate {

// The types that the value of a key may have.
enum class Shape {
  text,
  texts,          // a list of strings
  text_or_texts,  // a command: a script, or a list of words
  boolean,
  integer,
  integer_or_table,
  scalar,  // a string, an integer or a boolean
  table,
  table_or_tables,
  tables,  // [[key]]
};
std::string_view describe(Shape shape);

struct KeyRow {
  std::string_view table;  // "phase", "gate", "check", "expect", "lines", "json", "keys", "party"
  std::string_view key;    // "*": any name
  Shape shape = Shape::text;
  bool required = false;
  std::string_view help;
};
std::span<const KeyRow> key_table();

class Form {
 public:
  Form(std::string_view text, std::string file) : lines_(text, std::move(file)) {}

  const declare::Lines& lines() const { return lines_; }

  // Checks every entry of `node` against the rows of `table`. [gate.unknown-key], [gate.type],
  // [gate.missing]
  void check(std::string_view table, const declare::Node& node);

  // The value of a key, if it exists and has the right type.
  const declare::Node* get(std::string_view table, const declare::Node& node,
                           std::string_view key) const;

  // Checks a text for people and shells: no control characters except newline and tab, at most
  // `most` bytes, not blank. [gate.value]
  bool plain(const declare::Node& node, std::string_view what, std::size_t most);
  // Checks a name: [A-Za-z0-9], then [A-Za-z0-9._-], 64 characters at most. [gate.value]
  bool name(std::string_view word, declare::Span at, std::string_view what);
  // [gate.value] if the value is outside the bounds.
  std::optional<std::int64_t> integer(const declare::Node& node, std::string_view what,
                                      std::int64_t least, std::int64_t most);
  // As written in the text: `true`, `12`.
  std::string literal(const declare::Node& node) const;

  void fault(base::Error&& error, declare::Span at);
  bool good() const { return errors_.empty(); }
  base::Error error();

 private:
  declare::Lines lines_;
  std::vector<base::Error> errors_;
};

}  // namespace ccci::gate
