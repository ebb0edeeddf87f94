// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "base/error.hpp"

namespace ccci::declare {

using base::Position;

// A name where it stands. Two names are equal when their text is.
struct Name {
  std::string text;
  Position at;

  bool operator==(const Name& other) const { return text == other.text; }
};

}  // namespace ccci::declare
