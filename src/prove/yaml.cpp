// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/yaml.hpp"

#include <yaml.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"

namespace ccci::prove {

namespace {

constexpr std::size_t deepest_yaml = 100;

Place place(const yaml_mark_t& mark) {
  return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
}

struct Event {
  yaml_event_t event{};
  ~Event() { yaml_event_delete(&event); }
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
};

class Builder {
 public:
  explicit Builder(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Builder() { yaml_parser_delete(&parser_); }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  YamlFile run() {
    for (;;) {
      Event next;
      if (yaml_parser_parse(&parser_, &next.event) == 0) {
        file_.unavailable = "line " + std::to_string(parser_.problem_mark.line + 1) + ": " +
                            (parser_.problem != nullptr ? parser_.problem : "not YAML");
        return std::move(file_);
      }
      if (next.event.type == YAML_STREAM_END_EVENT) return std::move(file_);
      if (!take(next.event)) return std::move(file_);
    }
  }

 private:
  // Builds the nodes. A node is moved into its parent when it is complete.
  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        complete(scalar(event));
        break;
      case YAML_ALIAS_EVENT:
        complete(start(YamlNode::Type::none, event));
        break;
      case YAML_SEQUENCE_START_EVENT:
        open_.push_back(start(YamlNode::Type::sequence, event));
        break;
      case YAML_MAPPING_START_EVENT:
        open_.push_back(start(YamlNode::Type::mapping, event));
        break;
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        YamlNode node = std::move(open_.back());
        open_.pop_back();
        node.end = place(event.end_mark);
        // A key without a value cannot occur. A complex key is dropped with its value.
        complete(std::move(node));
        break;
      }
      default:
        break;
    }
    if (open_.size() <= deepest_yaml) return true;
    file_.unavailable = "line " + std::to_string(event.start_mark.line + 1) +
                        ": nested deeper than " + std::to_string(deepest_yaml) + " levels";
    return false;
  }

  static YamlNode start(YamlNode::Type type, const yaml_event_t& event) {
    YamlNode node;
    node.type = type;
    node.at = place(event.start_mark);
    return node;
  }

  static YamlNode scalar(const yaml_event_t& event) {
    YamlNode node = start(YamlNode::Type::scalar, event);
    node.end = place(event.end_mark);
    node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value),
                     event.data.scalar.length);
    const auto style = event.data.scalar.style;
    node.folded = style == YAML_FOLDED_SCALAR_STYLE;
    node.block = node.folded || style == YAML_LITERAL_SCALAR_STYLE;
    node.quoted =
        style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return node;
  }

  void complete(YamlNode node) {
    if (open_.empty()) {
      file_.documents.push_back(std::move(node));
      return;
    }
    YamlNode& parent = open_.back();
    if (parent.type == YamlNode::Type::mapping && parent.keys.size() == parent.children.size()) {
      parent.key_places.push_back(node.at);
      parent.keys.push_back(std::move(node.text));
    } else {
      parent.children.push_back(std::move(node));
    }
  }

  yaml_parser_t parser_{};
  std::vector<YamlNode> open_;
  YamlFile file_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  if (type != Type::mapping) return nullptr;
  for (std::size_t i = 0; i < keys.size() && i < children.size(); ++i)
    if (keys[i] == key) return &children[i];
  return nullptr;
}

YamlFile read_yaml(std::string_view text) { return Builder(text).run(); }

Snippet yaml_snippet(const YamlNode& scalar, const Lines& lines) {
  Snippet out;
  if (!scalar.block && (scalar.quoted || scalar.at.line == scalar.end.line)) {
    const std::vector<std::string_view> parts = base::split(scalar.text, '\n');
    Place at{scalar.at.line, scalar.at.column + (scalar.quoted ? 1 : 0)};
    for (const std::string_view part : parts) out.add(part, at);
    return out;
  }
  // Uses the file's own lines, so that each word has its place. A folded newline is a space.
  const int first = scalar.block ? scalar.at.line + 1 : scalar.at.line;
  const int last = scalar.block ? scalar.end.line - 1 : scalar.end.line;
  for (int n = first; n <= std::max(first, last); ++n) {
    std::string_view line = lines.line(n);
    std::size_t from = std::min(line.find_first_not_of(" \t\r"), line.size());
    if (n == scalar.at.line) from = static_cast<std::size_t>(scalar.at.column) - 1;
    if (from > line.size()) from = line.size();
    line.remove_prefix(from);
    const bool joins = (scalar.folded || !scalar.block) && !line.empty();
    out.add(line, {n, static_cast<int>(from) + 1}, joins ? " " : "\n");
  }
  return out;
}

}  // namespace ccci::prove
