// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/guard.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::declare {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Scans strings and comments like the TOML library does. If the text is not valid TOML, the two can
// differ, but the library stops with an error there.
class Guard {
 public:
  Guard(std::string_view text, const Lines& lines) : text_(text), lines_(lines) {}

  base::Result<void> run() {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        CCCI_CHECK(may_begin_string());
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      CCCI_CHECK(count(c));
      ++at_;
    }
    return {};
  }

 private:
  base::Result<void> count(char c) {
    switch (c) {
      case '\n':
        ++line_;
        line_start_ = at_ + 1;
        dots_ = 0;
        return {};
      case '[':
      case '{':
        dots_ = 0;
        if (++depth_ > deepest) return too_deep();
        return part();
      case ']':
      case '}':
        dots_ = 0;
        depth_ = std::max(0, depth_ - 1);
        return {};
      case '.':
        if (++dots_ >= deepest) return too_deep();
        return part();
      case '=':
      case ',':
        dots_ = 0;
        return part();
      default:
        return is_ascii(c) ? base::Result<void>() : not_ascii();
    }
  }

  base::Result<void> part() {
    if (++parts_ <= most_parts) return {};
    return base::unexpected(base::fail("declare.too-many")
                                .with("limit", static_cast<long long>(most_parts))
                                .at(here()));
  }

  // To the library a quote inside of a bare word is no string. Its search for the end of such a
  // word is undefined for some letters, so it may not come to that.
  base::Result<void> may_begin_string() const {
    constexpr std::string_view before = " \t\r\n=,.[{";
    if (at_ == 0 || before.find(text_[at_ - 1]) != std::string_view::npos ||
        text_.substr(0, at_) == byte_order_mark)
      return {};
    return base::unexpected(base::fail("declare.syntax")
                                .with("cause", "a string cannot begin right after '" +
                                                   base::printable(text_.substr(at_ - 1, 1)) +
                                                   "'; a quote inside of a string is written \\\"")
                                .at(here()));
  }

  static bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

  base::Result<void> not_ascii() const {
    std::size_t size = 1;  // of the character in bytes: the bytes after the first are 10xxxxxx
    while (at_ + size < text_.size() && (static_cast<unsigned char>(text_[at_ + size]) >> 6U) == 2)
      ++size;
    const std::string saw = base::printable(text_.substr(at_, size));
    const int column = static_cast<int>(at_ - line_start_) + 1;
    return base::unexpected(
        base::fail("declare.syntax")
            .with("cause", "expected only ASCII characters outside of quotes, saw '" + saw + "'")
            .at(lines_.at({line_, column, static_cast<int>(size)})));
  }

  tl::unexpected<base::Error> too_deep() const {
    return base::unexpected(base::fail("declare.too-deep").with("limit", deepest).at(here()));
  }

  base::Position here() const {
    return lines_.at({line_, static_cast<int>(at_ - line_start_) + 1, 1});
  }

  void skip_string(char quote) {
    const std::string_view rest = text_.substr(at_);
    const bool several_lines = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
    at_ += several_lines ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        if (!several_lines) return;  // not closed: the library reports the error
        ++line_;
        line_start_ = at_ + 1;
      } else if (c == '\\' && quote == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      } else if (c == quote) {
        if (!several_lines) {
          ++at_;
          return;
        }
        // There may be two more quotes before the closing three quotes.
        std::size_t run = 1;
        while (run < 5 && at_ + run < text_.size() && text_[at_ + run] == quote) ++run;
        if (run >= 3) {
          at_ += run;
          return;
        }
        at_ += run;
        continue;
      }
      ++at_;
    }
  }

  std::string_view text_;
  const Lines& lines_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t parts_ = 0;
  int line_ = 1;
  int depth_ = 0;
  int dots_ = 0;
};

}  // namespace

base::Result<void> check_nesting(std::string_view text, const Lines& lines) {
  return Guard(text, lines).run();
}

}  // namespace ccci::declare
