// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace ccci::host {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool comment(std::string_view line) { return !line.empty() && (line[0] == '#' || line[0] == ';'); }

// Lines as systemd reads them: a '\' at the end joins the next line with a space. Comments between
// joined lines are skipped.
std::vector<std::string> logical_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string gathered;
  bool more = false;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = base::trim(raw);
    if (comment(line) || (line.empty() && !more)) continue;
    more = line.ends_with('\\');
    gathered += more ? line.substr(0, line.size() - 1) : line;
    if (more) {
      gathered += ' ';
      continue;
    }
    lines.push_back(std::move(gathered));
    gathered.clear();
  }
  if (!gathered.empty()) lines.push_back(std::move(gathered));
  return lines;
}

class Words {
 public:
  explicit Words(std::string_view value) : value_(value) {}

  base::Result<std::vector<std::string>> read() {
    for (; at_ < value_.size(); ++at_) {
      const char c = value_[at_];
      if (quote_ == 0 && blank(c)) {
        end();
      } else if (quote_ == 0 && (c == '"' || c == '\'') && word_.empty() && !open_) {
        open_ = true;
        quote_ = c;
      } else if (quote_ != 0 && c == quote_) {
        quote_ = 0;
      } else {
        open_ = true;
        CCCI_CHECK(take(c));
      }
    }
    if (quote_ != 0) return refuse("a quote that is not closed");
    end();
    return std::move(words_);
  }

 private:
  base::unexpected<base::Error> refuse(std::string_view found) const {
    return base::unexpected(base::fail("host.unit").with("value", value_).with("found", found));
  }

  base::Result<void> take(char c) {
    if (c == '%') {
      if (at_ + 1 >= value_.size() || value_[at_ + 1] != '%') {
        return refuse("the specifier '" + std::string(value_.substr(at_, 2)) + "'");
      }
      ++at_;
    } else if (c == '\\') {
      if (at_ + 1 >= value_.size()) return refuse("a '\\' at its end");
      c = value_[++at_];
      // cc-ci never writes the other escapes (\n, \x41, \u00e4).
      if (c != '\\' && c != '"' && c != '\'') {
        return refuse("the escape '\\" + std::string(1, c) + "'");
      }
    }
    word_ += c;
    return {};
  }

  void end() {
    if (open_) words_.push_back(std::move(word_));
    word_.clear();
    open_ = false;
  }

  std::string_view value_;
  std::size_t at_ = 0;
  char quote_ = 0;
  bool open_ = false;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

std::string unit_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '%') out += c;
  }
  // Otherwise systemd would join the next line to this one.
  if (out.ends_with('\\')) out += ' ';
  return out;
}

std::string unit_word(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
    if (c == '%') out += c;
  }
  return out + "\"";
}

std::vector<Setting> shared_settings(const std::vector<std::string>& texts,
                                     std::string_view section,
                                     const std::vector<std::string_view>& keys) {
  std::vector<Setting> all;
  const std::string heading = "[" + std::string(section) + "]";
  for (const std::string& text : texts) {
    bool within = false;
    for (const std::string& line : logical_lines(text)) {
      if (line.starts_with('[')) {
        within = line == heading;
        continue;
      }
      const std::size_t equals = line.find('=');
      if (!within || equals == std::string::npos) continue;
      const std::string_view key = base::trim(std::string_view(line).substr(0, equals));
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
      const std::string_view value = base::trim(std::string_view(line).substr(equals + 1));
      if (value.empty()) {
        all.clear();
      } else {
        all.push_back({std::string(key), std::string(value)});
      }
    }
  }
  return all;
}

std::vector<std::string> settings(const std::vector<std::string>& texts, std::string_view section,
                                  std::string_view key) {
  std::vector<std::string> values;
  for (Setting& one : shared_settings(texts, section, {key}))
    values.push_back(std::move(one.value));
  return values;
}

std::string plain_line(std::string_view value) {
  std::string line;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '%' && (i + 1 == value.size() || value[++i] != '%')) return {};
    line += value[i];
  }
  return line;
}

bool is_true(std::string_view value) {
  // systemd.syntax(7)
  static constexpr std::array<std::string_view, 6> words{"1", "yes", "y", "true", "t", "on"};
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return std::find(words.begin(), words.end(), lower) != words.end();
}

base::Result<std::vector<std::string>> unit_words(std::string_view value) {
  return Words(value).read();
}

}  // namespace ccci::host
