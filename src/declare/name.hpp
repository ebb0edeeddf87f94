// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "base/error.hpp"

namespace ccci::declare {

using base::Position;

// A name with its position. Two names are equal if their texts are equal.
struct Name {
  std::string text;
  Position at;

  bool operator==(const Name& other) const { return text == other.text; }
};

}  // namespace ccci::declare
