// SPDX-License-Identifier: GPL-3.0-or-later
// Reads YAML (and JSON, which is nearly a subset of it) as a tree that knows the place of each
// value. Aliases are not followed. The value is found at its anchor, and aliases of aliases cannot
// make the result larger than the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "prove/snippet.hpp"

namespace ccci::prove {

struct YamlNode {
  enum class Type { none, scalar, sequence, mapping };

  Type type = Type::none;
  std::string text;     // of a scalar
  bool block = false;   // | or >
  bool folded = false;  // >
  bool quoted = false;
  Place at;
  Place end;
  std::vector<std::string> keys;  // of a mapping
  std::vector<Place> key_places;
  std::vector<YamlNode> children;  // elements, or a mapping's values

  // The value under the key, or nullptr.
  const YamlNode* find(std::string_view key) const;
};

struct YamlFile {
  std::vector<YamlNode> documents;
  std::string unavailable;  // why the rest could not be read; earlier documents are valid
};

YamlFile read_yaml(std::string_view text);

// The text of the scalar with the places of its lines.
Snippet yaml_snippet(const YamlNode& scalar, const Lines& lines);

}  // namespace ccci::prove
