// SPDX-License-Identifier: GPL-3.0-or-later
// YAML (and JSON, which is nearly a part of it) as a tree that knows where each value stands.
// Aliases are not followed: what they repeat is found where it was anchored, and a text of aliases
// of aliases costs what it weighs.
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
  std::string obstacle;  // why the rest could not be read; the documents before it stand
};

YamlFile read_yaml(std::string_view text);

// The scalar's text with the places of its lines.
Snippet yaml_snippet(const YamlNode& scalar, const Lines& lines);

}  // namespace ccci::prove
