// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/declaration.hpp"
#include "declare/keys.hpp"

namespace ccci::declare {

namespace {

// The table header in the starter file. Each '*' is replaced by the example of the row that ends
// there.
std::string header(const Key& table) {
  std::string name;
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = table.path.find('.', dot == 0 ? 0 : dot + 1);
    const std::string_view prefix = table.path.substr(0, dot);
    for (const Key& key : keys()) {
      if (key.path != prefix) continue;
      if (!name.empty()) name += '.';
      name += key.last() == "*" ? key.example : key.last();
    }
  }
  return "[" + name + "]";
}

// A comment with lines of at most 100 columns.
std::string comment(std::string_view text) {
  constexpr std::size_t width = 98;
  std::string lines;
  while (text.size() > width) {
    const std::size_t space = text.rfind(' ', width);
    lines += "# " + std::string(text.substr(0, space)) + "\n";
    text.remove_prefix(space + 1);
  }
  return lines + "# " + std::string(text) + "\n";
}

std::string line(const Key& key) {
  if (key.type == Type::table) return header(key);
  if (key.last() == "*") return std::string(key.example);
  return std::string(key.last()) + " = " + std::string(key.example);
}

}  // namespace

std::string starter() {
  std::string text =
      "# cc-ci.toml: the environment of every CI job, declared in one place. Lines that begin with "
      "'#'\n"
      "# are comments: remove the '#' to use an example. Then type: cc-ci lock && cc-ci build\n";
  for (const Key& key : keys()) {
    if (key.shown == Shown::hidden) continue;
    if (key.type == Type::table) text += "\n";
    text += comment(key.meaning);
    if (key.shown == Shown::commented) text += "# ";
    text += line(key) + "\n";
  }
  return text;
}

}  // namespace ccci::declare
