// SPDX-License-Identifier: GPL-3.0-or-later
// What both sides of a deployment speak: a line that names protocol and version, then frames, each
// of one byte for its kind, four for its length (most significant first), and its content. Each
// kind has a largest length, and nothing is set aside for a frame before its length is accepted.
//
//   sender                                   receiver
//   hello     what is to be built       →
//                                       ←    ready      what the host has
//   manifest  of the project            →               where the host lacks it
//                                       ←    want       files of the project
//   blob data… | absent, for each       →
//                                       ←    want       archives
//   blob data… | absent, for each       →
//                                       ←    working    what it begins
//                                       ←    done       what it built
//   `failed` ends it from either side. At any time, and every few seconds, the receiver sends a
//   `working` without content: that it is still there, however long something takes.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "deploy/stream.hpp"

namespace ccci::deploy {

enum class FrameKind : char {
  hello = 'h',
  ready = 'r',
  manifest = 'm',
  want = 'w',
  blob = 'b',  // "SHA256 SIZE\n"; so many bytes of data follow
  data = 'd',
  absent = 'a',  // "SHA256\n": the sender does not have it either
  working = 'p',
  done = 'z',
  failed = 'e',
};

inline constexpr int protocol_version = 1;
inline constexpr std::size_t largest_data = 256U << 10U;

// Bytes that a frame of this kind may hold at most; nothing where there is no such kind.
std::optional<std::size_t> largest(FrameKind kind);

struct Frame {
  FrameKind kind = FrameKind::failed;
  std::string content;
};

class Frames {
 public:
  explicit Frames(Stream& stream) : stream_(stream) {}

  base::Result<void> greet();  // names ours
  // [deploy.not-cc-ci] where something else answers, [deploy.protocol] where another version does
  base::Result<void> meet();

  // Whole, also where several threads send.
  base::Result<void> send(FrameKind kind, std::string_view content);
  // [deploy.ended], [deploy.frame]
  base::Result<Frame> receive();

  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }

 private:
  base::Result<void> write(std::string_view bytes);
  base::Result<void> fill(char* into, std::size_t count);
  base::Result<bool> byte(char& into);  // false at the end

  Stream& stream_;
  std::mutex sending_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace ccci::deploy
