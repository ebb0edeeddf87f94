// SPDX-License-Identifier: GPL-3.0-or-later
// The table of keys: all that a declaration may say. Unknown keys, types and forms are checked by
// it, the JSON Schema and the starter file are made from it. A new key is a row here and its use.
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
  list,      // of strings
  lines,     // a list of lists of strings, each a command with its arguments
  commands,  // a list of names, or a table of name = path
  baseline,  // a list of names, or a table that says where the list stood
};

// How the starter file shows the key.
enum class Shown { active, commented, hidden };

struct Key {
  std::string_view path;  // "packages.*.sha256"; '*' is a name of the author's choosing
  Type type = Type::table;
  const Form* name = nullptr;     // where the path ends in '*': what the name must look like
  const Form* value = nullptr;    // what the string, or each string of the list, must look like
  bool required = false;          // in the table it belongs to, where that stands
  std::string_view meaning = {};  // one sentence, lower case, no final period
  std::string_view example = {};  // TOML value; of a row that ends in '*', the name
  Shown shown = Shown::commented;
  const std::vector<std::string>& (*choices)() = nullptr;  // the only values allowed

  std::string_view last() const;    // "sha256"
  std::string_view parent() const;  // "packages.*"; empty at the top
};

std::span<const Key> keys();

// The row for `key` in the table of the row `parent` (empty: the top), or null.
const Key* find_key(std::string_view parent, std::string_view key);
// The fixed names in the table of the row `parent`.
std::vector<std::string> known_keys(std::string_view parent);

}  // namespace ccci::declare
