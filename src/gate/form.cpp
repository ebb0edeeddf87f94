// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace ccci::gate {

using declare::Kind;
using declare::Node;

namespace {

constexpr std::array rows{
    KeyRow{"phase", "title", Shape::text, false, "what the phase is about, in one line"},
    KeyRow{"phase", "fresh_for", Shape::text, false, "how long a PASS is valid; default: 24h"},
    KeyRow{"phase", "gate", Shape::tables, true, "the gates, in their order"},
    KeyRow{"gate", "name", Shape::text, true, "the gate's name"},
    KeyRow{"gate", "what", Shape::text, true, "WHAT the gate claims"},
    KeyRow{"gate", "where", Shape::texts, true, "WHERE: files of the repository"},
    KeyRow{"gate", "live", Shape::boolean, false,
           "true: the checks see this machine's own state; default: an empty state"},
    KeyRow{"gate", "check", Shape::tables, true, "the checks, in their order"},
    KeyRow{"check", "name", Shape::text, true, "the check's name"},
    KeyRow{"check", "how", Shape::text_or_texts, true,
           "HOW: a script for 'sh -eu', or a list of words, run in the fresh clone"},
    KeyRow{"check", "expect", Shape::table, true, "EXPECTED: every given part must be true"},
    KeyRow{"check", "time_limit", Shape::text, false, "default: 10m; at most 24h"},
    KeyRow{"expect", "status", Shape::integer, false, "the exit status; default: 0"},
    KeyRow{"expect", "output", Shape::text, false, "the whole output; a final newline is ignored"},
    KeyRow{"expect", "matches", Shape::text_or_texts, false,
           "extended regular expressions; each must match a line"},
    KeyRow{"expect", "lines", Shape::integer_or_table, false, "the number of lines"},
    KeyRow{"expect", "same_as", Shape::text_or_texts, false,
           "a second command that must print the same bytes"},
    KeyRow{"expect", "json", Shape::table_or_tables, false,
           "values in the output, which must be JSON"},
    KeyRow{"lines", "least", Shape::integer, false, "the smallest number of lines"},
    KeyRow{"lines", "most", Shape::integer, false, "the largest number of lines"},
    KeyRow{"json", "pointer", Shape::text, true, "a JSON pointer: '/environment/hash'"},
    KeyRow{"json", "equals", Shape::scalar, true, "a string, an integer or a boolean"},
    KeyRow{"keys", "*", Shape::table, false, "a party, by its name"},
    KeyRow{"party", "public", Shape::text, true, "the public key: 'ed25519:…'"},
    KeyRow{"party", "may", Shape::texts, true, "'claim', 'verify', both or none"},
};

bool texts_only(const Node& node) {
  return node.kind == Kind::list &&
         std::all_of(node.items.begin(), node.items.end(),
                     [](const Node& item) { return item.kind == Kind::text; });
}

bool tables_only(const Node& node) {
  return node.kind == Kind::list && !node.items.empty() &&
         std::all_of(node.items.begin(), node.items.end(),
                     [](const Node& item) { return item.kind == Kind::table; });
}

bool fits(Shape shape, const Node& node) {
  switch (shape) {
    case Shape::text:
      return node.kind == Kind::text;
    case Shape::texts:
      return texts_only(node);
    case Shape::text_or_texts:
      return node.kind == Kind::text || (texts_only(node) && !node.items.empty());
    case Shape::boolean:
      return node.kind == Kind::boolean;
    case Shape::integer:
      return node.kind == Kind::integer;
    case Shape::integer_or_table:
      return node.kind == Kind::integer || node.kind == Kind::table;
    case Shape::scalar:
      return node.kind == Kind::text || node.kind == Kind::integer || node.kind == Kind::boolean;
    case Shape::table:
      return node.kind == Kind::table;
    case Shape::table_or_tables:
      return node.kind == Kind::table || tables_only(node);
    case Shape::tables:
      return tables_only(node);
  }
  return false;
}

const KeyRow* row(std::string_view table, std::string_view key) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const KeyRow& candidate) {
    return candidate.table == table && (candidate.key == key || candidate.key == "*");
  });
  return found == rows.end() ? nullptr : &*found;
}

std::vector<std::string> known_keys(std::string_view table) {
  std::vector<std::string> keys;
  for (const KeyRow& candidate : rows) {
    if (candidate.table == table) keys.emplace_back(candidate.key);
  }
  return keys;
}

bool clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

}  // namespace

std::span<const KeyRow> key_table() { return rows; }

std::string_view describe(Shape shape) {
  switch (shape) {
    case Shape::text:
      return "a string";
    case Shape::texts:
      return "a list of strings";
    case Shape::text_or_texts:
      return "a string or a list of strings";
    case Shape::boolean:
      return "true or false";
    case Shape::integer:
      return "an integer";
    case Shape::integer_or_table:
      return "an integer or a table";
    case Shape::scalar:
      return "a string, an integer or a boolean";
    case Shape::table:
      return "a table";
    case Shape::table_or_tables:
      return "a table or a list of tables";
    case Shape::tables:
      break;
  }
  return "tables: one [[…]] each";
}

void Form::check(std::string_view table, const Node& node) {
  const std::vector<std::string> keys = known_keys(table);
  for (const declare::Entry& entry : node.entries) {
    const KeyRow* known = row(table, entry.key);
    if (known == nullptr) {
      fault(base::fail("gate.unknown-key")
                .with("key", entry.key)
                .with("table", table)
                .with("known", base::join(keys, ", "))
                .with("likely", base::likely(entry.key, keys)),
            entry.at);
    } else if (!fits(known->shape, entry.value)) {
      fault(base::fail("gate.type")
                .with("key", entry.key)
                .with("expected", describe(known->shape))
                .with("found", declare::describe(entry.value.kind)),
            entry.value.at);
    }
  }
  for (const KeyRow& candidate : rows) {
    if (candidate.table != table || !candidate.required || node.find(candidate.key) != nullptr) {
      continue;
    }
    fault(base::fail("gate.missing")
              .with("key", candidate.key)
              .with("table", table)
              .with("meaning", candidate.help),
          node.at);
  }
}

const Node* Form::get(std::string_view table, const Node& node, std::string_view key) const {
  const Node* value = node.find(key);
  const KeyRow* known = row(table, key);
  return value != nullptr && known != nullptr && fits(known->shape, *value) ? value : nullptr;
}

bool Form::plain(const Node& node, std::string_view what, std::size_t most) {
  std::string_view expected;
  if (base::trim(node.text).empty()) expected = "a text that is not empty";
  if (!clean(node.text)) expected = "no control characters except newline and tab";
  if (node.text.size() > most) expected = "a shorter text";
  if (expected.empty()) return true;
  fault(base::fail("gate.value")
            .with("what", what)
            .with("expected", expected)
            .with("found", node.text.substr(0, 60)),
        node.at);
  return false;
}

bool Form::name(std::string_view word, declare::Span at, std::string_view what) {
  const auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool good = !word.empty() && word.size() <= 64 && alnum(word.front()) &&
                    std::all_of(word.begin(), word.end(), [&](char c) {
                      return alnum(c) || c == '.' || c == '_' || c == '-';
                    });
  if (good) return true;
  fault(base::fail("gate.value")
            .with("what", what)
            .with("expected", "a name of letters, digits, '.', '_' and '-'")
            .with("found", word.substr(0, 60)),
        at);
  return false;
}

std::string Form::literal(const Node& node) const {
  const std::string_view line = lines_.line(node.at.line);
  const auto column = static_cast<std::size_t>(node.at.column - 1);
  if (column >= line.size()) return {};
  return std::string(line.substr(column, static_cast<std::size_t>(node.at.length)));
}

std::optional<std::int64_t> Form::integer(const Node& node, std::string_view what,
                                          std::int64_t least, std::int64_t most) {
  const std::string text = literal(node);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= least &&
      number <= most) {
    return number;
  }
  fault(base::fail("gate.value")
            .with("what", what)
            .with("expected",
                  "a decimal number from " + std::to_string(least) + " to " + std::to_string(most))
            .with("found", text.substr(0, 60)),
        node.at);
  return std::nullopt;
}

void Form::fault(base::Error&& error, declare::Span at) {
  errors_.push_back(std::move(error).at(lines_.at(at)));
}

base::Error Form::error() {
  std::stable_sort(errors_.begin(), errors_.end(), [](const base::Error& a, const base::Error& b) {
    const auto& first = a.where.front();
    const auto& second = b.where.front();
    return std::pair(first.line, first.column) < std::pair(second.line, second.column);
  });
  return base::together(std::move(errors_));
}

}  // namespace ccci::gate
