// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/vacuous.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace ccci::gate {

namespace {

std::vector<std::string> commands(const How& how) {
  if (!how.argv.empty()) return {how.text()};
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(how.script, '\n')) {
    const std::string_view text = base::trim(line);
    if (!text.empty() && !text.starts_with('#')) lines.emplace_back(text);
  }
  return lines;
}

// The status with which `command` ends, independently of what ran before it, or -1.
int fixed_status(std::string_view command) {
  if (command == "true" || command == ":" || command == "/bin/true" || command == "/usr/bin/true") {
    return 0;
  }
  if (command == "false" || command == "/bin/false" || command == "/usr/bin/false") return 1;
  if (!command.starts_with("exit ")) return -1;
  const std::string_view number = base::trim(command.substr(5));
  if (number.empty() || number.size() > 3 ||
      number.find_first_not_of("0123456789") != std::string_view::npos) {
    return -1;
  }
  return std::stoi(std::string(number));
}

bool only_status(const Expectation& expect) {
  return !expect.output && expect.patterns.empty() && !expect.lines && !expect.same_as &&
         expect.json.empty();
}

}  // namespace

std::string vacuous(const Check& check) {
  const Expectation& expect = check.expect;
  if (expect.lines && expect.lines->least == 0 && !expect.lines->most) {
    return "any output has zero lines or more";
  }
  if (expect.same_as && *expect.same_as == check.how) {
    return "the command is compared with itself";
  }
  const std::vector<std::string> lines = commands(check.how);
  if (lines.empty()) return "the script runs nothing";
  if (!only_status(expect) || lines.size() != 1) return {};
  const std::string& line = lines.front();
  if (fixed_status(line) == expect.status) {
    return "'" + line + "' always ends with status " + std::to_string(expect.status);
  }
  // `sh -e` stops at a command that fails. So only the part after the last `||` can hide a failure.
  const std::size_t mark = line.rfind("||");
  if (mark == std::string::npos || !check.how.argv.empty()) return {};
  const std::string_view fallback = base::trim(std::string_view(line).substr(mark + 2));
  if (expect.status == 0 && fixed_status(fallback) == 0) {
    return "'|| " + std::string(fallback) + "' hides every failure";
  }
  return {};
}

}  // namespace ccci::gate
