// SPDX-License-Identifier: GPL-3.0-or-later
// Text cut out of a file (the script of a workflow step, a RUN instruction). It knows the place of
// each byte in the file.
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
  std::string_view line(int number) const;    // without its newline; empty if there is none
  std::string excerpt(int number) const;      // trimmed, printable, at most 160 bytes
  Place place(std::size_t offset) const;      // of a byte
  std::size_t offset(const Place& at) const;  // the reverse; limited to the text

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

class Snippet {
 public:
  Snippet() = default;
  static Snippet whole(std::string_view text);
  // The part of `text` from byte `from` up to byte `to`.
  static Snippet part(std::string_view text, const Lines& lines, std::size_t from, std::size_t to);

  // Appends a piece that is on one line of the file, followed by `glue` (a newline, a space).
  void add(std::string_view piece, Place at, std::string_view glue = "\n");

  // Appends a part of another snippet and keeps its places.
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
