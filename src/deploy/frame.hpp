// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of a deployment. Each side sends a line with the protocol's name and version, then
// frames. A frame is one byte for its kind, four bytes for its length (most significant first) and
// its content. Each kind has a maximum length. Memory for a frame is allocated only after its
// length is accepted.
//
//   sender                                   receiver
//   hello     what is to be built       →
//                                       ←    ready      what the host has
//   manifest  of the project            →               only if the host lacks it
//                                       ←    want       files of the project
//   blob data… | absent, for each       →
//                                       ←    want       archives
//   blob data… | absent, for each       →
//                                       ←    working    the step that begins
//                                       ←    done       what it built
//   Either side may end the conversation with `failed`. Every few seconds the receiver sends a
//   `working` without content, as a sign of life during long steps. It may come at any time.
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
  blob = 'b',  // "SHA256 SIZE\n"; data frames with SIZE bytes in total follow
  data = 'd',
  absent = 'a',  // "SHA256\n": the sender does not have it either
  working = 'p',
  done = 'z',
  failed = 'e',
};

inline constexpr int protocol_version = 1;
inline constexpr std::size_t largest_data = 256U << 10U;

// The maximum content of a frame of this kind, in bytes. Returns nothing for an unknown kind.
std::optional<std::size_t> largest(FrameKind kind);

struct Frame {
  FrameKind kind = FrameKind::failed;
  std::string content;
};

class Frames {
 public:
  explicit Frames(Stream& stream) : stream_(stream) {}

  base::Result<void> greet();  // sends our line with protocol and version
  // Reads the other side's line. [deploy.not-cc-ci] if something else answers, [deploy.protocol] if
  // the version differs.
  base::Result<void> meet();

  // Several threads may send at the same time: each frame stays whole.
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
