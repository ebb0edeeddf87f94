// SPDX-License-Identifier: GPL-3.0-or-later
// How a stream wants its text: coloured or not, cut to a width or not.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ccci::report {

enum class ColorChoice { automatic, always, never };

struct Style {
  bool color = false;
  bool terminal = false;
  int columns = 80;  // of the terminal; elsewhere the width that help and excerpts keep to
};

// Looks a variable up; a null pointer where it is unset.
using Variables = std::function<const char*(const char*)>;

// The choice first, then NO_COLOR, CLICOLOR_FORCE, TERM and whether `fd` is a terminal; a set but
// empty NO_COLOR or CLICOLOR_FORCE counts as unset. COLUMNS goes before what the terminal says.
Style style_of(int fd, ColorChoice choice, const Variables& variables);

enum class Hue { red, yellow, green, cyan, bold };
// The text in that colour where the style has colours, else the text.
std::string paint(std::string_view text, Hue hue, const Style& style);

}  // namespace ccci::report
