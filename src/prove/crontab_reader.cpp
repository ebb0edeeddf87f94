// SPDX-License-Identifier: GPL-3.0-or-later
// Reads crontab(5): a PATH of its own, and commands that install.
#include "base/text.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"

namespace ccci::prove {

namespace {

constexpr std::string_view blank = " \t";

// Whether each line names its user: the crontabs of the system do.
bool names_users(std::string_view path) {
  return path.find("cron.d/") != std::string_view::npos || path.ends_with("etc/crontab");
}

// The offset of the command in a line; npos if there is none. Fields are separated by blanks.
std::size_t command_of(std::string_view line, std::size_t fields) {
  std::size_t at = line.find_first_not_of(blank);
  for (std::size_t i = 0; i < fields && at != std::string_view::npos; ++i) {
    at = line.find_first_of(blank, at);
    at = at == std::string_view::npos ? at : line.find_first_not_of(blank, at);
  }
  return at;
}

bool is_schedule(char first) {
  return first == '*' || first == '@' || (first >= '0' && first <= '9');
}

// cron does not expand variables, so the value is all of PATH.
void read_variable(std::string_view line, int number, const Lines& lines, Reading& reading) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || base::trim(line.substr(0, equals)) != "PATH") return;
  std::string_view value = base::trim(line.substr(equals + 1));
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\''))
    value = value.substr(1, value.size() - 2);
  const int column = static_cast<int>(line.find_first_not_of(blank)) + 1;
  add_path(path_setting(value), {number, column}, "PATH of the crontab", lines, reading);
}

}  // namespace

Reading read_crontab(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  const std::size_t user = names_users(path) ? 1 : 0;
  for (int n = 1; n <= static_cast<int>(lines.count()); ++n) {
    const std::string_view line = lines.line(n);
    const std::string_view shown = base::trim(line);
    if (shown.empty() || shown.front() == '#') continue;
    if (!is_schedule(shown.front())) {
      read_variable(line, n, lines, reading);
      continue;
    }
    const std::size_t at = command_of(line, (shown.front() == '@' ? 1U : 5U) + user);
    if (at == std::string_view::npos) continue;
    Snippet command;
    command.add(line.substr(at), {n, static_cast<int>(at) + 1});
    read_shell_in(command, path, lines, reading);
  }
  return reading;
}

}  // namespace ccci::prove
