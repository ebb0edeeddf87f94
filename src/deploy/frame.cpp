// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/frame.hpp"

#include <array>
#include <stdexcept>

#include "base/text.hpp"

namespace ccci::deploy {

namespace {

constexpr std::string_view greeting = "cc-ci-deploy ";
constexpr std::size_t longest_line = 300;
constexpr std::size_t head = 5;

}  // namespace

std::optional<std::size_t> largest(FrameKind kind) {
  switch (kind) {
    case FrameKind::hello:
    case FrameKind::ready:
    case FrameKind::done:
      return 64U << 10U;
    case FrameKind::manifest:
      return 16U << 20U;
    case FrameKind::want:
      return 8U << 20U;
    case FrameKind::blob:
    case FrameKind::absent:
    case FrameKind::working:
      return 1U << 10U;
    case FrameKind::data:
      return largest_data;
    case FrameKind::failed:
      return 1U << 20U;
  }
  return std::nullopt;
}

base::Result<void> Frames::write(std::string_view bytes) {
  CCCI_CHECK(stream_.write(bytes));
  sent_ += bytes.size();
  return {};
}

base::Result<bool> Frames::byte(char& into) {
  CCCI_TRY(const std::size_t count, stream_.read(&into, 1));
  received_ += count;
  return count == 1;
}

base::Result<void> Frames::fill(char* into, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    CCCI_TRY(const std::size_t more, stream_.read(into + done, count - done));
    if (more == 0) return base::unexpected(base::fail("deploy.ended", base::Condition::ended));
    done += more;
    received_ += more;
  }
  return {};
}

base::Result<void> Frames::greet() {
  return write(std::string(greeting) + std::to_string(protocol_version) + "\n");
}

base::Result<void> Frames::meet() {
  std::string line;
  char one = 0;
  for (;;) {
    CCCI_TRY(const bool more, byte(one));
    if (!more && line.empty())
      return base::unexpected(base::fail("deploy.ended", base::Condition::ended));
    if (!more || one == '\n' || line.size() == longest_line) break;
    line.push_back(one);
  }
  if (!line.starts_with(greeting)) {
    return base::unexpected(base::fail("deploy.not-cc-ci").with("found", line));
  }
  const std::string version = line.substr(greeting.size());
  if (version == std::to_string(protocol_version)) return {};
  return base::unexpected(
      base::fail("deploy.protocol").with("ours", protocol_version).with("theirs", version));
}

base::Result<void> Frames::send(FrameKind kind, std::string_view content) {
  if (content.size() > largest(kind).value()) throw std::logic_error("a frame that is too large");
  std::array<char, head> bytes{static_cast<char>(kind)};
  for (std::size_t i = 1; i < head; ++i) {
    bytes[i] = static_cast<char>((content.size() >> (8 * (head - 1 - i))) & 0xffU);
  }
  const std::scoped_lock lock(sending_);
  CCCI_CHECK(write({bytes.data(), bytes.size()}));
  return write(content);
}

base::Result<Frame> Frames::receive() {
  std::array<char, head> bytes{};
  CCCI_CHECK(fill(bytes.data(), bytes.size()));
  Frame frame;
  frame.kind = static_cast<FrameKind>(bytes[0]);
  const auto most = largest(frame.kind);
  if (!most) {
    return base::unexpected(
        base::fail("deploy.frame").with("found", "kind " + base::printable({bytes.data(), 1})));
  }
  std::size_t length = 0;
  for (std::size_t i = 1; i < head; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  if (length > *most) {
    return base::unexpected(
        base::fail("deploy.frame")
            .with("found", std::to_string(length) + " bytes of kind " + std::string(1, bytes[0])));
  }
  frame.content.resize(length);
  CCCI_CHECK(fill(frame.content.data(), length));
  return frame;
}

}  // namespace ccci::deploy
