// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/variables_file.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace ccci::doctor {

namespace {

bool is_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  if (name.empty() || digits.find(name.front()) != std::string_view::npos) return false;
  return name.find_first_not_of(std::string(others) + std::string(digits)) ==
         std::string_view::npos;
}

// Skips a value: it ends at the end of its line, unless that is in quotes or behind a '\'.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<std::size_t> run() {
    while (at_ < text_.size()) {
      const std::size_t begin = line_;
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = base::trim(text_.substr(at_, end - at_));
      if (line.empty()) {
        skip_to(end);
      } else if (line.front() == '#' || line.front() == ';') {
        skip_value('\0');
      } else if (const std::size_t equals = line.find('='); equals == std::string_view::npos) {
        left_out_.push_back(begin);
        skip_to(end);
      } else {
        if (!is_name(base::trim(line.substr(0, equals)))) left_out_.push_back(begin);
        at_ = text_.find('=', at_) + 1;
        skip_quoted_values();
      }
    }
    return std::move(left_out_);
  }

 private:
  void skip_to(std::size_t end) {
    at_ = end + 1;
    ++line_;
  }
  void skip_quoted_values() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '"' || c == '\'') {
        ++at_;
        skip_value(c);
      } else {
        skip_value('\0');
        return;
      }
    }
  }
  // To behind the closing quote; without one, to the next line.
  void skip_value(char quote) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (c == '\\' && quote != '\'' && at_ < text_.size()) {
        if (text_[at_++] == '\n') ++line_;
      } else if (quote == '\0' ? c == '\n' : c == quote) {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::vector<std::size_t> left_out_;
};

}  // namespace

std::vector<std::size_t> lines_left_out(std::string_view text) { return Reader(text).run(); }

}  // namespace ccci::doctor
