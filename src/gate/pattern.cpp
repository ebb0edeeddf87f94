// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/pattern.hpp"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace ccci::gate {

namespace {

constexpr std::size_t longest_pattern = 1024;
constexpr std::size_t longest_line = 65536;
constexpr unsigned long most_repeats = 10000;  // product of all {n,m} in the pattern

// Empty where the pattern is within bounds, otherwise why not.
std::string beyond_bounds(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > longest_pattern) return "it is longer than 1024 bytes";
  if (text.find('\n') != std::string_view::npos) return "it holds a newline, and lines do not";
  unsigned long repeats = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0) {
        return "it refers back to a group, which can take for ever";
      }
      ++i;
    } else if (text[i] == '{') {
      unsigned long largest = 1;
      unsigned long number = 0;
      for (++i; i < text.size() && text[i] != '}'; ++i) {
        const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
        number = digit ? std::min(number * 10 + static_cast<unsigned long>(text[i] - '0'),
                                  most_repeats + 1)
                       : 0;
        largest = std::max(largest, number);
      }
      repeats *= largest;
      if (repeats > most_repeats) return "its repetitions multiply to more than 10000";
    }
  }
  return {};
}

}  // namespace

struct Pattern::Compiled {
  regex_t regex{};
  bool ready = false;

  Compiled() = default;
  ~Compiled() {
    if (ready) regfree(&regex);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
};

base::Result<Pattern> Pattern::compile(const std::string& text) {
  const auto refuse = [&](std::string_view cause) {
    return base::unexpected(
        base::fail("gate.pattern").with("pattern", text.substr(0, 80)).with("cause", cause));
  };
  if (const std::string cause = beyond_bounds(text); !cause.empty()) return refuse(cause);
  auto compiled = std::make_shared<Compiled>();
  const int number = regcomp(&compiled->regex, text.c_str(), REG_EXTENDED | REG_NOSUB);
  if (number != 0) {
    std::array<char, 128> message{};
    regerror(number, &compiled->regex, message.data(), message.size());
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    return refuse(message.data());
  }
  compiled->ready = true;
  Pattern pattern;
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

bool Pattern::in_line(std::string_view line) const {
  // REG_STARTEND takes bounds, so a NUL byte in the output ends nothing.
  regmatch_t bounds{};
  bounds.rm_so = 0;
  bounds.rm_eo = static_cast<regoff_t>(std::min(line.size(), longest_line));
  return regexec(&compiled_->regex, line.data(), 1, &bounds, REG_STARTEND) == 0;
}

bool Pattern::in_output(std::string_view output) const {
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    if (in_line(output.substr(0, end))) return true;
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return false;
}

bool Pattern::always() const {
  // Lines that have nothing in common.
  static constexpr std::array<std::string_view, 4> probes{"", "\x01", "7Q", " zebra,; "};
  return std::all_of(probes.begin(), probes.end(),
                     [&](std::string_view probe) { return in_line(probe); });
}

}  // namespace ccci::gate
