// SPDX-License-Identifier: GPL-3.0-or-later
// Text cut out of a file (the script of a workflow step, a RUN instruction) that still knows where
// each of its bytes stood.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "prove/finding.hpp"

namespace ccci::prove {

class Lines {
 public:
  explicit Lines(std::string_view text);  // `text` must outlive it

  std::size_t count() const { return starts_.size(); }
  std::string_view line(int number) const;    // without its newline; empty where there is none
  std::string excerpt(int number) const;      // trimmed, printable, at most 160 bytes
  Place place(std::size_t offset) const;      // of a byte
  std::size_t offset(const Place& at) const;  // the reverse; clamped to the text

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

class Snippet {
 public:
  Snippet() = default;
  static Snippet whole(std::string_view text);
  // A part of `text`, from one byte up to another.
  static Snippet part(std::string_view text, const Lines& lines, std::size_t from, std::size_t to);

  // Appends a piece that stands on one line of the file; `glue` (a newline, a space) follows it.
  void add(std::string_view piece, Place at, std::string_view glue = "\n");

  // Appends a part of another, its places kept.
  void append(const Snippet& other, std::size_t from, std::size_t to);
  // Overwrites one byte.
  void put(std::size_t offset, char c) { text_[offset] = c; }

  std::string_view text() const { return text_; }
  Place place(std::size_t offset) const;

 private:
  struct Piece {
    std::size_t offset;
    Place at;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace ccci::prove
