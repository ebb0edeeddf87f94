// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/tree.hpp"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"
#include "recipe/utf8.hpp"

namespace ccci::recipe {

namespace {

struct TreeEvent {
  yaml_event_t event{};
  TreeEvent() = default;
  ~TreeEvent() { yaml_event_delete(&event); }
  TreeEvent(const TreeEvent&) = delete;
  TreeEvent& operator=(const TreeEvent&) = delete;
};

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

constexpr std::size_t longest_exact_line = 1000;

constexpr std::string_view yaml_tags = "tag:yaml.org,2002:";

// What was counted for a node and everything below it.
struct Weight {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
  int depth = 1;
};

struct Anchored {
  bool complete = false;  // false while its own node is being read: an alias then is a cycle
  Node node;
  Weight weight;
};

// A list or map that is being read.
struct Open {
  Node node;
  std::string anchor;
  std::size_t nodes_before = 0;
  std::size_t bytes_before = 0;
  int height = 1;
  // Maps only.
  bool has_key = false;
  bool merges = false;  // the key is `<<`
  Member key;
  std::vector<Node> merged;
  Place merged_at;
  std::unordered_map<std::string, int> lines;  // of the keys
};

class TreeReader {
 public:
  TreeReader(std::string_view text, int file, const Sources& sources)
      : text_(text), file_(file), sources_(sources) {
    // Lines without other characters than ASCII need no search.
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
    if (!ascii) lines_ = base::split(text, '\n');
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~TreeReader() { yaml_parser_delete(&parser_); }
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  base::Result<Document> run() {
    for (;;) {
      TreeEvent next;
      if (yaml_parser_parse(&parser_, &next.event) == 0) return base::unexpected(not_yaml());
      if (next.event.type == YAML_STREAM_END_EVENT) return std::move(document_);
      if (next.event.type == YAML_DOCUMENT_START_EVENT && finished_) {
        document_.more = true;
        return std::move(document_);
      }
      CCCI_CHECK(take(next.event));
    }
  }

 private:
  base::Result<void> take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        CCCI_TRY(Node node, scalar(event));
        const bool merges = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && node.text == "<<";
        const Weight weight{1, node.text.size(), 1};
        CCCI_CHECK(count(weight, node.at));
        remember(text_of(event.data.scalar.anchor), node, weight);
        return complete(std::move(node), 1, merges);
      }
      case YAML_ALIAS_EVENT:
        return alias(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(Node::Kind::list, event, text_of(event.data.sequence_start.anchor),
                    text_of(event.data.sequence_start.tag));
      case YAML_MAPPING_START_EVENT:
        return open(Node::Kind::map, event, text_of(event.data.mapping_start.anchor),
                    text_of(event.data.mapping_start.tag));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return {};
    }
  }

  base::Result<Node> scalar(const yaml_event_t& event) const {
    Node node;
    node.kind = Node::Kind::text;
    node.at = place(event);
    node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value),
                     event.data.scalar.length);
    std::string tag = text_of(event.data.scalar.tag);
    if (tag.empty() || tag == "!") {
      if (event.data.scalar.plain_implicit != 0) resolve_plain(node);
      return node;
    }
    if (tag == std::string(yaml_tags) + "str") return node;
    if (tag.starts_with(yaml_tags)) tag.erase(0, yaml_tags.size());
    if (tag == "int" || tag == "bool" || tag == "float" || tag == "null") {
      resolve_plain(node);
      return node;
    }
    return base::unexpected(wrong("recipe.tag", node.at).with("tag", tag));
  }

  base::Result<void> open(Node::Kind kind, const yaml_event_t& event, std::string anchor,
                          const std::string& tag) {
    Open opened;
    opened.node.kind = kind;
    opened.node.at = place(event);
    if (!tag.empty() && tag != "!" && !tag.starts_with(yaml_tags))
      return base::unexpected(wrong("recipe.tag", opened.node.at).with("tag", tag));
    opened.nodes_before = nodes_;
    opened.bytes_before = bytes_;
    if (!anchor.empty()) anchors_[anchor] = {};
    opened.anchor = std::move(anchor);
    CCCI_CHECK(count({1, 0, 1}, opened.node.at));
    open_.push_back(std::move(opened));
    return {};
  }

  base::Result<void> close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.node.kind == Node::Kind::map) merge(closed);
    const Weight weight{nodes_ - closed.nodes_before, bytes_ - closed.bytes_before, closed.height};
    if (!closed.anchor.empty()) {
      CCCI_CHECK(count(weight, closed.node.at));  // the copy that is kept
      remember(closed.anchor, closed.node, weight);
    }
    return complete(std::move(closed.node), closed.height, false);
  }

  base::Result<void> alias(const yaml_event_t& event) {
    const std::string name = text_of(event.data.alias.anchor);
    const Place at = place(event);
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      return base::unexpected(wrong("recipe.no-anchor", at).with("anchor", name));
    if (!found->second.complete)
      return base::unexpected(wrong("recipe.cycle", at).with("anchor", name));
    CCCI_CHECK(count(found->second.weight, at));
    return complete(found->second.node, found->second.weight.depth, false);
  }

  void remember(const std::string& anchor, const Node& node, const Weight& weight) {
    if (!anchor.empty()) anchors_[anchor] = {true, node, weight};
  }

  // A node is moved into its parent when it is complete.
  base::Result<void> complete(Node node, int height, bool is_merge_key) {
    if (open_.empty()) {
      document_.root = std::move(node);
      finished_ = true;
      return {};
    }
    Open& parent = open_.back();
    parent.height = std::max(parent.height, height + 1);
    if (parent.node.kind == Node::Kind::list) {
      if (parent.node.items.size() == longest_list)
        return too_large("entries of a list", longest_list, node.at);
      parent.node.items.push_back(std::move(node));
      return {};
    }
    if (!parent.has_key) return take_key(parent, std::move(node), is_merge_key);
    parent.has_key = false;
    if (!parent.merges) {
      parent.key.value = std::move(node);
      parent.node.members.push_back(std::move(parent.key));
      return {};
    }
    return take_merged(parent, std::move(node));
  }

  base::Result<void> take_key(Open& parent, Node key, bool is_merge_key) const {
    if (key.kind != Node::Kind::text)
      return base::unexpected(wrong("recipe.key", key.at).with("found", kind_name(key.kind)));
    const auto [other, added] = parent.lines.try_emplace(key.text, key.at.line);
    if (!added)
      return base::unexpected(
          wrong("recipe.twice", key.at).with("key", key.text).with("line", other->second));
    parent.has_key = true;
    parent.merges = is_merge_key;
    parent.key = {};
    parent.key.at = key.at;
    parent.key.key = std::move(key.text);
    return {};
  }

  base::Result<void> take_merged(Open& parent, Node value) const {
    const Place at = value.at;
    if (value.kind == Node::Kind::map) {
      parent.merged.push_back(std::move(value));
      return {};
    }
    bool maps = value.kind == Node::Kind::list;
    for (const Node& item : value.items) maps = maps && item.kind == Node::Kind::map;
    if (!maps) return base::unexpected(wrong("recipe.merge", at));
    for (Node& item : value.items) parent.merged.push_back(std::move(item));
    return {};
  }

  // Keys of the map itself win over merged ones, and the first merged map over the next.
  static void merge(Open& closed) {
    for (Node& from : closed.merged) {
      for (Member& member : from.members) {
        if (closed.lines.try_emplace(member.key, member.at.line).second)
          closed.node.members.push_back(std::move(member));
      }
    }
  }

  base::Result<void> count(const Weight& weight, const Place& at) {
    nodes_ += weight.nodes;
    bytes_ += weight.bytes;
    if (nodes_ > most_nodes) return too_large("values", most_nodes, at);
    if (bytes_ > most_text) return too_large("bytes of text", most_text, at);
    if (static_cast<int>(open_.size()) + weight.depth > deepest_node)
      return too_large("levels", deepest_node, at);
    return {};
  }

  base::Result<void> too_large(std::string_view what, std::size_t limit, const Place& at) const {
    return base::unexpected(wrong("recipe.too-large", at)
                                .with("what", what)
                                .with("limit", static_cast<long long>(limit)));
  }

  Place place(const yaml_event_t& event) const {
    Place place;
    place.file = file_;
    place.line = static_cast<int>(event.start_mark.line) + 1;
    place.column = byte_column(event.start_mark);
    if (event.end_mark.line == event.start_mark.line)
      place.length = std::max(1, byte_column(event.end_mark) - place.column);
    return place;
  }

  // libyaml counts characters, a place counts bytes. A very long line is not worth the search.
  int byte_column(const yaml_mark_t& mark) const {
    const auto column = static_cast<std::size_t>(mark.column);
    if (mark.line >= lines_.size() || column > longest_exact_line)
      return static_cast<int>(column) + 1;
    const std::string_view line = lines_[mark.line];
    std::size_t bytes = 0;
    for (std::size_t characters = 0; bytes < line.size(); ++bytes) {
      const bool begins = (static_cast<unsigned char>(line[bytes]) & 0xC0U) != 0x80U;
      if (begins && characters++ == column) break;
    }
    return static_cast<int>(bytes) + 1;
  }

  base::Error wrong(std::string_view code, const Place& at) const {
    return base::fail(code).at(sources_.position(at));
  }

  base::Error not_yaml() const {
    Place at;
    at.file = file_;
    at.line = static_cast<int>(parser_.problem_mark.line) + 1;
    at.column = static_cast<int>(parser_.problem_mark.column) + 1;
    // What is no text is found before the marks are counted.
    if (parser_.error == YAML_READER_ERROR) {
      const LineColumn found = line_column(text_, parser_.problem_offset);
      at.line = found.line;
      at.column = found.column;
    }
    return wrong("recipe.yaml", at)
        .with("cause", parser_.problem != nullptr ? parser_.problem : "not YAML")
        .with("remedy", is_tab(at.line) ? "indent with spaces, not with tabs"
                                        : std::string(remedy_for_text(text_)));
  }

  // Whether the line is indented with a tab.
  bool is_tab(int line) const {
    std::string_view rest = text_;
    for (int i = 1; i < line && !rest.empty(); ++i)
      rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
    return rest.substr(std::min(rest.size(), rest.find_first_not_of(' '))).starts_with('\t');
  }

  yaml_parser_t parser_{};
  std::string_view text_;
  int file_;
  const Sources& sources_;
  std::vector<std::string_view> lines_;  // of a text that is not only ASCII
  std::vector<Open> open_;
  std::map<std::string, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  bool finished_ = false;
  Document document_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::boolean:
      return "true or false";
    case Node::Kind::integer:
      return "an integer";
    case Node::Kind::real:
      return "a number";
    case Node::Kind::text:
      return "a text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "";
}

base::Result<Document> read_tree(std::string_view text, int file, const Sources& sources) {
  if (text.size() > largest_yaml)
    return base::unexpected(base::fail("recipe.too-large")
                                .with("what", "bytes")
                                .with("limit", static_cast<long long>(largest_yaml))
                                .at(sources.position({.file = file})));
  return TreeReader(text, file, sources).run();
}

}  // namespace ccci::recipe
