// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/stream.hpp"

#include <gtest/gtest.h>

namespace ccci::engine {
namespace {

std::string frame(char stream, const std::string& text) {
  std::string header{stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())};
  header[6] = static_cast<char>(text.size() >> 8U);
  return header + text;
}

TEST(Stream, is_told_apart_at_any_cut) {
  const std::string bytes = frame(1, "out") + frame(2, "error") + frame(1, "") + frame(1, "put");
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    Demultiplexer split(100);
    for (std::size_t at = 0; at < bytes.size(); at += cut) split.feed(bytes.substr(at, cut));
    EXPECT_EQ(split.take(), (Output{"output", "error", false})) << cut;
  }
}

TEST(Stream, keeps_the_first_or_the_last_bytes) {
  Demultiplexer first(4);
  Demultiplexer last(4, Demultiplexer::Keep::last);
  for (Demultiplexer* split : {&first, &last}) {
    for (const char* text : {"ab", "cd", "ef", "gh", "ij"}) split->feed(frame(1, text));
  }
  EXPECT_EQ(first.take(), (Output{"abcd", "", true}));
  EXPECT_EQ(last.take(), (Output{"ghij", "", true}));
}

TEST(Stream, of_a_terminal_has_no_frames) {
  Demultiplexer split(100, Demultiplexer::Keep::first, false);
  split.feed("plain text");
  EXPECT_EQ(split.take(), (Output{"plain text", "", false}));
}

}  // namespace
}  // namespace ccci::engine
