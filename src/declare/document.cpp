// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/document.hpp"

// Header-only and without exceptions, independent of how the packaged library was built.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 64
// The text `[ =` breaks an assertion of the library, but the code after the assertion handles that
// case correctly. With NDEBUG the library tells the compiler that the assertion always holds, so
// the compiler may remove that code.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <algorithm>

#include "base/text.hpp"
#include "declare/guard.hpp"

namespace ccci::declare {

namespace {

// The library counts code points; a position counts bytes.
Span span(const toml::source_region& region, const Lines& lines) {
  Span span;
  span.line = std::max(1, static_cast<int>(region.begin.line));
  span.column = lines.byte_column(span.line, static_cast<int>(region.begin.column));
  const int rest = static_cast<int>(lines.line(span.line).size()) - span.column + 1;
  int length = rest;  // a value of several lines is underlined in its first line
  if (region.end.line == region.begin.line) {
    const auto end = std::max(region.end.column, region.begin.column + 1);  // a whole character
    length = lines.byte_column(span.line, static_cast<int>(end)) - span.column;
  }
  span.length = std::max(1, std::min(length, rest));
  return span;
}

Kind kind(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return Kind::table;
    case toml::node_type::array:
      return Kind::list;
    case toml::node_type::string:
      return Kind::text;
    case toml::node_type::integer:
      return Kind::integer;
    case toml::node_type::floating_point:
      return Kind::real;
    case toml::node_type::boolean:
      return Kind::boolean;
    default:
      return Kind::date;
  }
}

// The recursion depth is limited, because check_nesting() has checked the text.
Node convert(const toml::node& from, const Lines& lines) {
  Node node;
  node.kind = kind(from);
  node.at = span(from.source(), lines);
  if (const auto* text = from.as_string()) {
    node.text = text->get();
  } else if (const auto* flag = from.as_boolean()) {
    node.text = flag->get() ? "true" : "false";
  } else if (const auto* number = from.as_integer()) {
    node.text = std::to_string(number->get());
  } else if (const auto* list = from.as_array()) {
    node.items.reserve(list->size());
    for (const toml::node& item : *list) node.items.push_back(convert(item, lines));
  } else if (const auto* table = from.as_table()) {
    node.entries.reserve(table->size());
    for (const auto& [key, value] : *table) {
      node.entries.push_back(
          {std::string(key.str()), span(key.source(), lines), convert(value, lines)});
    }
    std::stable_sort(node.entries.begin(), node.entries.end(),
                     [](const Entry& a, const Entry& b) { return a.at < b.at; });
  }
  return node;
}

// "Error while parsing key-value pair: expected '=', saw 'x'" becomes its second half.
std::string cause(std::string_view description) {
  constexpr std::string_view preamble = "Error while parsing ";
  if (description.starts_with(preamble)) {
    const std::size_t colon = description.find(": ");
    if (colon != std::string_view::npos) description.remove_prefix(colon + 2);
  }
  constexpr std::size_t enough = 200;
  std::string text = base::printable(description.substr(0, enough));
  if (description.size() > enough) text += "…";
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

base::Result<Node> read_document(std::string_view text, const Lines& lines) {
  CCCI_CHECK(check_nesting(text, lines));
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    const toml::parse_error& error = result.error();
    return base::unexpected(base::fail("declare.syntax")
                                .with("cause", cause(error.description()))
                                .at(lines.at(span(error.source(), lines))));
  }
  return convert(result.table(), lines);
}

}  // namespace ccci::declare
