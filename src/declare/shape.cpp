// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/shape.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "declare/forms.hpp"
#include "declare/keys.hpp"
#include "declare/known_commands.hpp"

namespace ccci::declare {

namespace {

std::string_view wanted(Type type) {
  switch (type) {
    case Type::table:
      return "a table";
    case Type::text:
      return "a string";
    case Type::flag:
      return "true or false";
    case Type::integer:
      return "an integer";
    case Type::list:
      return "a list of strings";
    case Type::texts:
      return "a string or a list of strings";
    case Type::lines:
      return "a list of commands, each a list of strings";
    case Type::baseline:
      return "a list of names or a table with from = \"PATH@REVISION\"";
    case Type::npm:
      return "a string or a table with lock = \"PATH\"";
    case Type::commands:
      break;
  }
  return "a list of commands or a table of command = path";
}

Kind stand_in(Type type) {
  switch (type) {
    case Type::table:
      return Kind::table;
    case Type::text:
    case Type::npm:
      return Kind::text;
    case Type::flag:
      return Kind::boolean;
    case Type::integer:
      return Kind::integer;
    default:
      return Kind::list;
  }
}

std::string example(const Key& key) {
  if (key.type == Type::table) return "[" + std::string(key.path) + "]";
  return std::string(key.last()) + " = " + std::string(key.example);
}

std::string below(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : std::string(parent) + "." + std::string(key);
}

class Shape {
 public:
  explicit Shape(Mistakes& mistakes) : mistakes_(mistakes) {}

  // `row` is the path in the table of keys. `path` is the path with the author's names.
  void table(Node& node, std::string_view row, const std::string& path, Span at) {
    std::erase_if(node.entries, [&](Entry& entry) { return !entry_fits(entry, row, path); });
    for (const Key& key : keys()) {
      if (key.parent() != row || !key.required || node.find(key.last()) != nullptr) continue;
      if (mistakes_.damaged(std::string(key.path))) continue;
      mistakes_.add(base::fail("declare.missing-key")
                        .with("key", below(path, key.last()))
                        .with("expected", wanted(key.type))
                        .with("example", example(key)),
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
    if (key->name != nullptr) check_form(*key->name, entry.key, entry.at, path, *key);
    if (!type_fits(*key, entry.value.kind)) {
      wrong_type(*key, full, wanted(key->type), entry.value);
      // An empty value stays in its place, so that the key is not reported as missing too.
      Node empty;
      empty.kind = stand_in(key->type);
      empty.at = entry.value.at;
      empty.bad = true;
      entry.value = std::move(empty);
      return true;
    }
    switch (entry.value.kind) {
      case Kind::table:
        table(entry.value, key->path, full, entry.at);
        return true;
      case Kind::list:
        items(entry.value, *key, full);
        return true;
      case Kind::boolean:
        return true;
      default:
        check_value(entry.value, full, *key);
        return true;
    }
  }

  static bool type_fits(const Key& key, Kind kind) {
    switch (key.type) {
      case Type::table:
        return kind == Kind::table;
      case Type::text:
        return kind == Kind::text;
      case Type::npm:
        return kind == Kind::text || kind == Kind::table;
      case Type::flag:
        return kind == Kind::boolean;
      case Type::integer:
        return kind == Kind::integer;
      case Type::list:
      case Type::lines:
        return kind == Kind::list;
      case Type::texts:
        return kind == Kind::text || kind == Kind::list;
      case Type::commands:
      case Type::baseline:
        break;
    }
    return kind == Kind::list || kind == Kind::table;
  }

  void items(Node& list, const Key& key, const std::string& path) {
    const bool lists = key.type == Type::lines;
    std::erase_if(list.items, [&](Node& item) {
      if (item.kind != (lists ? Kind::list : Kind::text)) {
        wrong_type(key, path, lists ? "a list of strings" : "a string", item);
        return true;
      }
      if (lists) {
        words(item, key, path);
      } else {
        check_value(item, path, key);
      }
      return false;
    });
  }

  void words(Node& list, const Key& key, const std::string& path) {
    std::erase_if(list.items, [&](Node& item) {
      if (item.kind != Kind::text) {
        wrong_type(key, path, "a string", item);
        return true;
      }
      check_value(item, path, key);
      return false;
    });
  }

  void check_value(Node& node, const std::string& path, const Key& key) {
    node.bad = !check_form(*key.value, node.text, node.at, path, key);
  }

  bool check_form(const Form& form, const std::string& text, Span at, const std::string& path,
                  const Key& key) {
    std::string why = objection(form, text);
    std::string likely;
    std::string expected(form.expected);
    if (why.empty() && key.choices != nullptr) {
      const std::vector<std::string>& choices = key.choices();
      if (std::find(choices.begin(), choices.end(), text) != choices.end()) return true;
      expected = "one of " + base::join(choices, ", ");
      likely = base::likely(text, choices);
    } else if (why.empty()) {
      return true;
    } else {
      // A command may have a name that no package can have: pg_dump.
      if (&form == &forms::tool) likely = package_of(text);
      if (likely.empty()) likely = mended(form, text);
    }
    base::Error error = base::fail("declare.value")
                            .with("key", path)
                            .with("expected", expected)
                            .with("found", shown(text));
    if (!why.empty()) error = std::move(error).with("why", shown(why));
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    if (form.remedy != nullptr && text.size() <= form.longest) {
      error = std::move(error).with("remedy", form.remedy(text));
    }
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
    std::string likely;
    if (!mistakes_.crowded()) likely = base::likely(entry.key, known);
    if (!likely.empty()) mistakes_.damage(below(row, likely));
    if (likely.empty() && !mistakes_.crowded()) likely = elsewhere(entry.key);
    base::Error error = base::fail("declare.unknown-key").with("key", full);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    if (!known.empty()) error = std::move(error).with("known", base::join(known, ", "));
    mistakes_.add(std::move(error), entry.at);
  }

  // Finds a key with the same or a similar name in another table, e.g. for `tools` at the top
  // level.
  std::string elsewhere(const std::string& key) {
    std::vector<std::string> fixed;
    for (const Key& row : keys()) {
      if (row.path.find('*') == std::string_view::npos) fixed.emplace_back(row.last());
    }
    const std::string likely = base::likely(key, fixed);
    for (const Key& row : keys()) {
      if (row.last() != likely || row.path.find('*') != std::string_view::npos) continue;
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
