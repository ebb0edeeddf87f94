// SPDX-License-Identifier: GPL-3.0-or-later
// Output of containers as the engine sends it: stdout and stderr in one stream of frames, each with
// a header of 8 bytes (stream, three zeros, length). A container with a terminal has no frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ccci::engine {

struct Output {
  std::string out;
  std::string err;
  bool truncated = false;  // more came than was kept

  bool operator==(const Output&) const = default;
};

class Demultiplexer {
 public:
  // What is kept of each stream: its first bytes, or its last ones.
  enum class Keep { first, last };

  explicit Demultiplexer(std::uint64_t limit, Keep keep = Keep::first, bool framed = true)
      : limit_(limit), keep_(keep), framed_(framed) {}

  void feed(std::string_view bytes);
  Output take();

 private:
  void add(std::string& stream, std::string_view bytes);

  std::uint64_t limit_;
  Keep keep_;
  bool framed_;
  Output output_;
  std::string header_;
  std::uint64_t left_ = 0;  // of the present frame
  bool error_ = false;      // the present frame belongs to stderr
};

}  // namespace ccci::engine
