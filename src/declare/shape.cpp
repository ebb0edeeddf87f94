// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/shape.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "declare/keys.hpp"

namespace ccci::declare {

namespace {

std::string_view wanted(Type type) {
  switch (type) {
    case Type::table:
      return "a table";
    case Type::text:
      return "a string";
    case Type::list:
      return "a list of strings";
    case Type::commands:
      break;
  }
  return "a list of commands or a table of command = path";
}

std::string below(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : std::string(parent) + "." + std::string(key);
}

class Shape {
 public:
  explicit Shape(Mistakes& mistakes) : mistakes_(mistakes) {}

  // `row` is the table's path in the table of keys, `path` what the author called it.
  void table(Node& node, std::string_view row, const std::string& path, Span at) {
    std::erase_if(node.entries, [&](Entry& entry) { return !entry_fits(entry, row, path); });
    for (const Key& key : keys()) {
      if (key.parent() != row || !key.required || node.find(key.last()) != nullptr) continue;
      if (mistakes_.damaged(std::string(key.path))) continue;
      mistakes_.add(
          base::fail("declare.missing-key")
              .with("key", below(path, key.last()))
              .with("expected", wanted(key.type))
              .with("example", std::string(key.last()) + (key.type == Type::table ? "" : " = ") +
                                   std::string(key.example)),
          at);
    }
  }

 private:
  bool entry_fits(Entry& entry, std::string_view row, const std::string& path) {
    const Key* key = find_key(row, entry.key);
    const std::string full = below(path, shown(entry.key));
    if (key == nullptr) {
      unknown(entry, row, full);
      return false;
    }
    if (key->name != nullptr) value_fits(*key->name, entry.key, entry.at, path, *key);
    if (!type_fits(*key, entry.value.kind)) {
      wrong_type(*key, full, wanted(key->type), entry.value);
      return false;
    }
    switch (entry.value.kind) {
      case Kind::table:
        table(entry.value, key->path, full, entry.at);
        return true;
      case Kind::list:
        items(entry.value, *key, full);
        return true;
      default:
        return value_fits(*key->value, entry.value.text, entry.value.at, full, *key);
    }
  }

  static bool type_fits(const Key& key, Kind kind) {
    switch (key.type) {
      case Type::table:
        return kind == Kind::table;
      case Type::text:
        return kind == Kind::text;
      case Type::list:
        return kind == Kind::list;
      case Type::commands:
        break;
    }
    return kind == Kind::list || kind == Kind::table;
  }

  void items(Node& list, const Key& key, const std::string& path) {
    std::erase_if(list.items, [&](const Node& item) {
      if (item.kind != Kind::text) {
        wrong_type(key, path, "a string", item);
        return true;
      }
      return !value_fits(*key.value, item.text, item.at, path, key);
    });
  }

  bool value_fits(const Form& form, const std::string& text, Span at, const std::string& path,
                  const Key& key) {
    std::string why = objection(form, text);
    std::string likely;
    std::string expected(form.expected);
    if (why.empty() && !key.choices.empty()) {
      if (std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end()) return true;
      expected = "one of " + base::join(key.choices, ", ");
      likely = base::likely(text, key.choices);
    } else if (why.empty()) {
      return true;
    } else {
      likely = mended(form, text);
    }
    base::Error error = base::fail("declare.value")
                            .with("key", path)
                            .with("expected", expected)
                            .with("found", shown(text));
    if (!why.empty()) error = std::move(error).with("why", shown(why));
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    mistakes_.add(std::move(error), at);
    mistakes_.damage(key.path);
    return false;
  }

  void wrong_type(const Key& key, const std::string& path, std::string_view expected,
                  const Node& found) {
    mistakes_.damage(key.path);
    mistakes_.add(base::fail("declare.type")
                      .with("key", path)
                      .with("expected", expected)
                      .with("found", describe(found.kind)),
                  found.at);
  }

  void unknown(const Entry& entry, std::string_view row, const std::string& full) {
    const std::vector<std::string> known = known_keys(row);
    std::string likely = base::likely(entry.key, known);
    if (!likely.empty()) mistakes_.damage(below(row, likely));
    if (likely.empty()) likely = elsewhere(entry.key);
    base::Error error = base::fail("declare.unknown-key").with("key", full);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    if (!known.empty()) error = std::move(error).with("known", base::join(known, ", "));
    mistakes_.add(std::move(error), entry.at);
  }

  // The right key in the wrong table, e.g. `tools` at the top.
  std::string elsewhere(const std::string& key) {
    for (const Key& row : keys()) {
      if (row.last() != key || row.path.find('*') != std::string_view::npos) continue;
      mistakes_.damage(row.path);
      mistakes_.damage(row.parent());
      return std::string(row.path);
    }
    return {};
  }

  Mistakes& mistakes_;
};

}  // namespace

void check_shape(Node& root, Mistakes& mistakes) { Shape(mistakes).table(root, {}, {}, Span{}); }

}  // namespace ccci::declare
