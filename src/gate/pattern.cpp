// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/pattern.hpp"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/text.hpp"

namespace ccci::gate {

namespace {

constexpr std::size_t longest_pattern = 1024;
constexpr std::size_t longest_searched = 65536;
// Limits on the size of a compiled pattern. The C library compiles x{3} as xxx and x+ as xx*, so
// each '+' around another one doubles the size. Optional parts need memory that grows with the
// square of their number.
constexpr std::size_t most_copies = 10000;
constexpr std::size_t most_skips = 2000;

class Expansion {
 public:
  explicit Expansion(std::string_view text) : text_(text) {}

  // Returns an empty text if the pattern is within the limits, otherwise the reason.
  std::string run() {
    for (at_ = 0; at_ < text_.size() && cause_.empty(); ++at_) step(text_[at_]);
    while (open_.size() > 1) close();
    take({});
    return cause_;
  }

 private:
  struct Part {
    std::size_t copies = 0;
    std::size_t skips = 0;
  };
  struct Group {
    Part before;  // all except the last part, to which a repetition may apply
    Part last;
  };

  void step(char c) {
    if (c == '\\' && at_ + 1 < text_.size()) {
      if (std::isdigit(static_cast<unsigned char>(text_[++at_])) != 0) {
        cause_ = "it contains a back-reference, which can take too long";
      }
      take({1, 0});
    } else if (c == '[') {
      skip_bracket();
      take({1, 0});
    } else if (c == '(') {
      take({});
      open_.emplace_back();
    } else if (c == ')' && open_.size() > 1) {
      close();
    } else if (c == '*' || c == '?') {
      open_.back().last.skips += 1;
    } else if (c == '+') {
      repeat(2, 1);
    } else if (c == '{') {
      interval();
    } else {
      take({1, 0});
    }
  }

  // Skips up to the closing ']'. A ']' that is the first character, or that ends "[:alpha:]", does
  // not close.
  void skip_bracket() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '^') ++at_;
    if (at_ < text_.size() && text_[at_] == ']') ++at_;
    for (; at_ < text_.size() && text_[at_] != ']'; ++at_) {
      if (text_[at_] != '[' || at_ + 1 >= text_.size()) continue;
      const char kind = text_[at_ + 1];
      if (kind != ':' && kind != '.' && kind != '=') continue;
      const std::size_t end = text_.find(std::string{kind, ']'}, at_ + 2);
      if (end != std::string_view::npos) at_ = end + 1;
    }
  }

  void interval() {
    std::size_t largest = 1;
    std::size_t number = 0;
    bool range = false;
    for (++at_; at_ < text_.size() && text_[at_] != '}'; ++at_) {
      const bool digit = std::isdigit(static_cast<unsigned char>(text_[at_])) != 0;
      number = digit ? std::min(number * 10 + static_cast<std::size_t>(text_[at_] - '0'),
                                most_copies + 1)
                     : 0;
      largest = std::max(largest, number);
      range = range || text_[at_] == ',';
    }
    repeat(range ? largest + 1 : largest, range ? largest : 0);
  }

  // As a whole, `optional` of the copies may be left out.
  void repeat(std::size_t copies, std::size_t optional) {
    Part& last = open_.back().last;
    last = {last.copies * copies, last.skips * copies + optional};
    check(last);
  }

  void take(Part next) {
    Group& group = open_.back();
    group.before.copies += group.last.copies;
    group.before.skips += group.last.skips;
    check(group.before);
    group.last = next;
  }

  void close() {
    take({});
    Part whole = open_.back().before;
    whole.copies = std::max<std::size_t>(whole.copies, 1);  // an empty group is a node too
    open_.pop_back();
    open_.back().last = whole;
  }

  void check(const Part& part) {
    if (!cause_.empty()) return;
    if (part.copies > most_copies) cause_ = "its repetitions need more than 10000 characters";
    if (part.skips > most_skips) cause_ = "it has more than 2000 optional parts";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Group> open_{1};
  std::string cause_;
};

std::string beyond_bounds(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > longest_pattern) return "it is longer than 1024 bytes";
  if (text.find('\n') != std::string_view::npos) return "it contains a newline";
  if (text.find('\0') != std::string_view::npos) return "it contains a NUL byte";
  return Expansion(text).run();
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
  // REG_STARTEND sets the bounds, so a NUL byte in the output does not end the search.
  regmatch_t bounds{};
  bounds.rm_so = 0;
  bounds.rm_eo = static_cast<regoff_t>(std::min(line.size(), longest_searched));
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
  // These lines have nothing in common.
  static constexpr std::array<std::string_view, 4> probes{"", "\x01", "7Q", " zebra,; "};
  return std::all_of(probes.begin(), probes.end(),
                     [&](std::string_view probe) { return in_line(probe); });
}

}  // namespace ccci::gate
