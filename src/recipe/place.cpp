// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/place.hpp"

#include "base/text.hpp"

namespace ccci::recipe {

int Sources::add(std::string_view name, std::string_view text) {
  Source source;
  source.name = name;
  for (std::string_view line : base::split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    source.lines.emplace_back(line);
  }
  files_.push_back(std::move(source));
  return static_cast<int>(files_.size()) - 1;
}

const std::string& Sources::name(int file) const {
  static const std::string unknown;
  const auto number = static_cast<std::size_t>(file);
  return number < files_.size() ? files_[number].name : unknown;
}

base::Position Sources::position(const Place& place) const {
  base::Position position;
  position.file = name(place.file);
  position.line = place.line;
  position.column = place.column;
  position.length = place.length;
  const auto number = static_cast<std::size_t>(place.file);
  const auto line = static_cast<std::size_t>(place.line);
  if (number < files_.size() && line > 0 && line <= files_[number].lines.size())
    position.excerpt = files_[number].lines[line - 1];
  return position;
}

}  // namespace ccci::recipe
