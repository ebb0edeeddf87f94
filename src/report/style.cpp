// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/style.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ccci::report {

namespace {

std::string_view read(const Variables& variables, const char* name) {
  const char* value = variables(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool wants_color(bool terminal, ColorChoice choice, const Variables& variables) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  if (!read(variables, "NO_COLOR").empty()) return false;
  const std::string_view forced = read(variables, "CLICOLOR_FORCE");
  if (!forced.empty() && forced != "0") return true;
  return terminal && read(variables, "TERM") != "dumb";
}

int width(int fd, bool terminal, const Variables& variables) {
  // A smaller width is not usable, a larger one is a mistake.
  constexpr int narrowest = 20;
  constexpr int widest = 10000;
  const std::string_view given = read(variables, "COLUMNS");
  int columns = 0;
  const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), columns);
  if (problem == std::errc() && end == given.data() + given.size() && columns > 0) {
    return std::clamp(columns, narrowest, widest);
  }
  winsize size{};
  if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp(static_cast<int>(size.ws_col), narrowest, widest);
  }
  return 80;
}

}  // namespace

Style style_of(int fd, ColorChoice choice, const Variables& variables) {
  Style style;
  // TERM=dumb is a terminal that cannot redraw a line, so it is treated like a file.
  style.terminal = isatty(fd) == 1 && read(variables, "TERM") != "dumb";
  style.color = wants_color(style.terminal, choice, variables);
  style.columns = width(fd, style.terminal, variables);
  return style;
}

std::string paint(std::string_view text, Hue hue, const Style& style) {
  if (!style.color) return std::string(text);
  static constexpr std::array<std::string_view, 5> codes{"\x1b[1;31m", "\x1b[1;33m", "\x1b[32m",
                                                         "\x1b[36m", "\x1b[1m"};
  return std::string(codes.at(static_cast<std::size_t>(hue))) + std::string(text) + "\x1b[0m";
}

}  // namespace ccci::report
