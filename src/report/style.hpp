// SPDX-License-Identifier: GPL-3.0-or-later
// How the text of a stream is formatted: colours and width.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ccci::report {

enum class ColorChoice { automatic, always, never };

struct Style {
  bool color = false;
  bool terminal = false;
  int columns = 80;  // of the terminal; elsewhere the width for help and excerpts
};

// Returns the value of an environment variable; nullptr if it is unset.
using Variables = std::function<const char*(const char*)>;

// Colour depends on `choice` first, then on NO_COLOR, CLICOLOR_FORCE, TERM, and whether `fd` is a
// terminal. An empty NO_COLOR or CLICOLOR_FORCE counts as unset. COLUMNS overrides the terminal's
// width.
Style style_of(int fd, ColorChoice choice, const Variables& variables);

enum class Hue { red, yellow, green, cyan, bold };
// The text in that colour if the style has colours, otherwise the plain text.
std::string paint(std::string_view text, Hue hue, const Style& style);

}  // namespace ccci::report
