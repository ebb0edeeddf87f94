// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all keys that a declaration may contain. Unknown keys, types and forms are checked
// against it. The JSON Schema and the starter file are made from it. To add a key, add a row here
// and the code that uses it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "declare/forms.hpp"

namespace ccci::declare {

enum class Type {
  table,
  text,
  flag,  // true or false
  integer,
  list,      // of strings
  texts,     // a string, or a list of strings
  lines,     // a list of lists of strings, each a command with its arguments
  commands,  // a list of names, or a table of name = path
  baseline,  // a list of names, or a table that names the file of the list
  npm,       // a name, or a table that names a lock of npm
};

// How the starter file shows the key.
enum class Shown { active, commented, hidden };

struct Key {
  std::string_view path;  // "packages.*.sha256"; '*' is a name that the author chooses
  Type type = Type::table;
  const Form* name = nullptr;     // the form of the name, if the path ends in '*'
  const Form* value = nullptr;    // the form of the string, or of each string in the list
  bool required = false;          // required if its parent table is present
  std::string_view meaning = {};  // one sentence, lower case, no final period
  std::string_view example = {};  // a TOML value; for a row that ends in '*', the name
  Shown shown = Shown::commented;
  const std::vector<std::string>& (*choices)() = nullptr;  // the only values allowed

  std::string_view last() const;    // "sha256"
  std::string_view parent() const;  // "packages.*"; empty at the top
};

std::span<const Key> keys();

// The row for `key` in the table of the row `parent` (empty: the top level), or null.
const Key* find_key(std::string_view parent, std::string_view key);
// The fixed names in the table of the row `parent`.
std::vector<std::string> known_keys(std::string_view parent);

}  // namespace ccci::declare
