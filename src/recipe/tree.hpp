// SPDX-License-Identifier: GPL-3.0-or-later
// Reads one YAML document as a tree: aliases and `<<` are resolved, each value has its place, and
// scalars have the types that Docker's reader (go-yaml 3) gives them. `0777` is the number 511 and
// `1.10` is 1.1, but `yes`, `on` and `22:22` are texts.
//
// The text is not trusted. All limits are below; an alias counts as often as it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "recipe/place.hpp"

namespace ccci::recipe {

inline constexpr std::size_t largest_yaml = 1U << 20U;  // bytes of a file
inline constexpr std::size_t most_nodes = 300'000;
inline constexpr std::size_t most_text = 8U << 20U;  // bytes of all scalars and keys
inline constexpr std::size_t longest_list = 1000;
inline constexpr int deepest_node = 50;

struct Member;

struct Node {
  enum class Kind { null, boolean, integer, real, text, list, map };

  Kind kind = Kind::null;
  std::string text;          // of a scalar, as Docker prints the value
  std::int64_t integer = 0;  // of an integer; of a boolean 0 or 1
  double real = 0;           // of an integer or a real
  bool filled_in = false;    // a variable was replaced, so the text may be read as a number
  std::string variables;     // those that were replaced: "A, B"
  Place at;
  std::vector<Node> items;      // of a list
  std::vector<Member> members;  // of a map, in their order

  bool is_scalar() const { return kind != Kind::list && kind != Kind::map; }
  // The value of the member, or null.
  const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Place at;
  Node value;
};

// "a text", "a list": for messages.
std::string_view kind_name(Node::Kind kind);

struct Document {
  Node root;
  bool more = false;  // other documents follow; Docker ignores them
};

// `file` is the number of the text in `sources`. [recipe.yaml], [recipe.too-large], [recipe.cycle],
// [recipe.no-anchor], [recipe.twice], [recipe.key], [recipe.merge], [recipe.tag]
base::Result<Document> read_tree(std::string_view text, int file, const Sources& sources);

// Sets kind, text and numbers of a scalar that was written without quotes.
void resolve_plain(Node& scalar);

}  // namespace ccci::recipe
