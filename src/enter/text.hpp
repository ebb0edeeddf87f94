// SPDX-License-Identifier: GPL-3.0-or-later
// Text functions without libc, for the launcher. Header-only, no allocation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ccci::enter {

constexpr std::size_t length(const char* text) {
  std::size_t count = 0;
  while (text[count] != '\0') ++count;
  return count;
}

constexpr bool same(const char* left, const char* right) {
  while (*left != '\0' && *left == *right) ++left, ++right;
  return *left == *right;
}

constexpr bool starts_with(const char* text, const char* prefix) {
  while (*prefix != '\0' && *text == *prefix) ++text, ++prefix;
  return *prefix == '\0';
}

// Whether `path` is `directory` or below it. Both paths must be clean.
constexpr bool is_below(const char* path, const char* directory) {
  while (*directory != '\0' && *path == *directory) ++path, ++directory;
  return *directory == '\0' && (*path == '\0' || *path == '/');
}

constexpr const char* base_name(const char* path) {
  const char* base = path;
  for (const char* at = path; *at != '\0'; ++at) {
    if (*at == '/') base = at + 1;
  }
  return base;
}

constexpr bool contains(const char* text, char wanted) {
  while (*text != '\0' && *text != wanted) ++text;
  return *text == wanted && wanted != '\0';
}

// A line that is built in a buffer of fixed size. If the text does not fit, full() is true.
template <std::size_t Size>
class Line {
 public:
  Line& add(const char* text) {
    while (*text != '\0') add(*text++);
    return *this;
  }
  Line& add(char c) {
    if (size_ + 1 < Size) {
      text_[size_++] = c;
      text_[size_] = '\0';
    } else {
      full_ = true;
    }
    return *this;
  }
  Line& decimal(std::uint64_t value) {
    char digits[20];
    int count = 0;
    do digits[count++] = static_cast<char>('0' + value % 10U);
    while ((value /= 10U) != 0U);
    while (count > 0) add(digits[--count]);
    return *this;
  }
  Line& hex(std::uint64_t value, int width) {
    for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) {
      add("0123456789abcdef"[(value >> static_cast<unsigned>(shift)) & 15U]);
    }
    return *this;
  }
  // For a terminal: escapes control characters, so that a caller's text cannot control the
  // terminal.
  Line& printable(const char* text) {
    for (; *text != '\0'; ++text) {
      const auto byte = static_cast<unsigned char>(*text);
      if (byte >= 0x20U && byte != 0x7fU) {
        add(*text);
      } else {
        add("\\x").hex(byte, 2);
      }
    }
    return *this;
  }
  // Escapes the text for use inside a JSON string.
  Line& json(const char* text) {
    for (; *text != '\0'; ++text) {
      const auto byte = static_cast<unsigned char>(*text);
      if (byte < 0x20U || byte == 0x7fU) {
        add("\\u00").hex(byte, 2);
      } else {
        if (*text == '"' || *text == '\\') add('\\');
        add(*text);
      }
    }
    return *this;
  }
  void clear() {
    size_ = 0;
    text_[0] = '\0';
    full_ = false;
  }
  const char* text() const { return text_; }
  std::size_t size() const { return size_; }
  bool full() const { return full_; }

 private:
  std::size_t size_ = 0;
  bool full_ = false;
  char text_[Size] = {};
};

using PathLine = Line<4096>;

}  // namespace ccci::enter
