// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/reading.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t most_errors = 100;

std::string lower_case(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

void Reading::report(base::Error error, const Place& at) {
  if (errors_.size() < most_errors) errors_.push_back(std::move(error).at(sources_.position(at)));
}

void Reading::wrong_type(const Node& node, const Trail& trail, std::string_view expected) {
  report(base::fail("recipe.type")
             .with("key", trail.text())
             .with("expected", expected)
             .with("found", kind_name(node.kind)),
         node.at);
}

void Reading::wrong_value(const Node& node, const Trail& trail, std::string_view expected) {
  report(base::fail("recipe.value")
             .with("key", trail.text())
             .with("expected", expected)
             .with("found", node.text)
             .with("variables", node.variables),
         node.at);
}

void Reading::unknown_key(const Member& member, const Trail& trail,
                          std::span<const std::string_view> known) {
  const std::vector<std::string> candidates(known.begin(), known.end());
  report(base::fail("recipe.unknown-key")
             .with("key", (trail / member.key).text())
             .with("likely", base::likely(member.key, candidates)),
         member.at);
}

void Reading::deviates(std::string_view service, std::string_view key, std::string_view what) {
  Deviation deviation{std::string(service), std::string(key), std::string(what)};
  if (std::find(deviations_.begin(), deviations_.end(), deviation) == deviations_.end() &&
      deviations_.size() < most_errors * 10)
    deviations_.push_back(std::move(deviation));
}

bool Reading::is_map(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::map) return true;
  if (node.kind != Node::Kind::null) wrong_type(node, trail, "a map");
  return false;
}

std::optional<std::string> Reading::text(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::text) return node.text;
  if (node.kind != Node::Kind::null) wrong_type(node, trail, "a text in quotes");
  return std::nullopt;
}

std::optional<std::string> Reading::word(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::integer || node.kind == Node::Kind::real) return node.text;
  return text(node, trail);
}

std::optional<bool> Reading::boolean(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::boolean) return node.integer != 0;
  if (node.kind == Node::Kind::null) return std::nullopt;
  if (node.filled_in) {
    const std::string text = lower_case(node.text);
    for (const std::string_view yes : {"y", "yes", "true", "on"})
      if (text == yes) return true;
    for (const std::string_view no : {"n", "no", "false", "off"})
      if (text == no) return false;
    wrong_value(node, trail, "true or false");
    return std::nullopt;
  }
  wrong_type(node, trail, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Reading::integer(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::integer) return node.integer;
  if (node.kind == Node::Kind::null) return std::nullopt;
  if (node.kind == Node::Kind::real) {
    wrong_value(node, trail, "an integer");
    return std::nullopt;
  }
  if (node.filled_in) {
    // As Docker reads a variable's value: decimal, also with a leading zero.
    std::int64_t value = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto read = std::from_chars(node.text.data(), end, value);
    if (!node.text.empty() && read.ec == std::errc{} && read.ptr == end) return value;
    wrong_value(node, trail, "an integer");
    return std::nullopt;
  }
  wrong_type(node, trail, "an integer");
  return std::nullopt;
}

std::optional<std::uint64_t> Reading::count(const Node& node, const Trail& trail) {
  const std::optional<std::int64_t> value = integer(node, trail);
  if (!value) return std::nullopt;
  if (*value >= 0 && *value <= std::numeric_limits<std::int32_t>::max())
    return static_cast<std::uint64_t>(*value);
  wrong_value(node, trail, "an integer from 0");
  return std::nullopt;
}

std::optional<double> Reading::real(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::integer || node.kind == Node::Kind::real) return node.real;
  if (node.kind == Node::Kind::null) return std::nullopt;
  if (node.filled_in) {
    Node number = node;
    resolve_plain(number);
    if (number.kind == Node::Kind::integer || number.kind == Node::Kind::real) return number.real;
    wrong_value(node, trail, "a number");
    return std::nullopt;
  }
  wrong_type(node, trail, "a number");
  return std::nullopt;
}

std::optional<Duration> Reading::duration(const Node& node, const Trail& trail) {
  const std::optional<std::string> value = text(node, trail);
  if (!value) return std::nullopt;
  const std::optional<Duration> read = read_duration(*value);
  if (!read) wrong_value(node, trail, "a duration such as 1m30s");
  return read;
}

std::optional<std::int64_t> Reading::bytes(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::integer && node.integer >= 0) return node.integer;
  const std::optional<std::string> value = text(node, trail);
  if (!value) return std::nullopt;
  const std::optional<std::int64_t> read = read_bytes(*value);
  if (!read) wrong_value(node, trail, "a size such as 64m");
  return read;
}

std::vector<std::string> Reading::texts(const Node& node, const Trail& trail) {
  std::vector<std::string> out;
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::null) wrong_type(node, trail, "a list");
    return out;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i)
    if (auto value = text(node.items[i], trail / i)) out.push_back(std::move(*value));
  return out;
}

std::vector<std::string> Reading::text_or_texts(const Node& node, const Trail& trail) {
  if (node.kind == Node::Kind::text) return {node.text};
  if (node.kind == Node::Kind::list) return texts(node, trail);
  if (node.kind != Node::Kind::null) wrong_type(node, trail, "a text or a list");
  return {};
}

OptionalValues Reading::values(const Node& node, const Trail& trail) {
  OptionalValues out;
  if (node.kind == Node::Kind::map) {
    for (const Member& member : node.members) {
      if (member.value.kind == Node::Kind::null)
        out[member.key] = std::nullopt;
      else if (auto value = word(member.value, trail / member.key))
        out[member.key] = std::move(*value);
    }
  } else if (node.kind == Node::Kind::list) {
    for (const std::string& entry : texts(node, trail)) {
      const std::size_t equals = entry.find('=');
      std::optional<std::string>& value = out[entry.substr(0, equals)];
      if (equals == std::string::npos)
        value.reset();
      else
        value = entry.substr(equals + 1);
    }
  } else if (node.kind != Node::Kind::null) {
    wrong_type(node, trail, "a map or a list of KEY=VALUE");
  }
  return out;
}

Labels Reading::labels(const Node& node, const Trail& trail) {
  Labels out;
  for (auto& [key, value] : values(node, trail)) out[key] = value.value_or("");
  return out;
}

std::vector<std::string> Reading::command(const Node& node, const Trail& trail) {
  if (node.kind != Node::Kind::text) return text_or_texts(node, trail);
  std::optional<std::vector<std::string>> words = split_command(node.text);
  if (!words) wrong_value(node, trail, "a command with closed quotes");
  return std::move(words).value_or(std::vector<std::string>{});
}

}  // namespace ccci::recipe
