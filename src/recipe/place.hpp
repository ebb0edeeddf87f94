// SPDX-License-Identifier: GPL-3.0-or-later
// Where a value was written. A tree has many values, so a place is four numbers; the error that
// names it gets the file's name and the line's text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ccci::recipe {

struct Place {
  int file = 0;  // number in Sources
  int line = 0;  // from 1; 0: of no line
  int column = 0;
  int length = 1;  // bytes to underline

  bool operator==(const Place&) const = default;
};

// The texts that were read, by number.
class Sources {
 public:
  // The number of the file. `name` is its path in the recipe.
  int add(std::string_view name, std::string_view text);

  const std::string& name(int file) const;
  base::Position position(const Place& place) const;

 private:
  struct Source {
    std::string name;
    std::vector<std::string> lines;
  };
  std::vector<Source> files_;
};

}  // namespace ccci::recipe
