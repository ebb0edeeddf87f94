// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/stream.hpp"

#include <algorithm>

namespace ccci::engine {

namespace {

constexpr std::size_t header_size = 8;
constexpr char stderr_stream = 2;

}  // namespace

void Demultiplexer::add(std::string& stream, std::string_view bytes) {
  if (keep_ == Keep::first) {
    const std::size_t room = limit_ - std::min<std::uint64_t>(limit_, stream.size());
    if (bytes.size() > room) output_.truncated = true;
    stream += bytes.substr(0, room);
    return;
  }
  stream += bytes;
  // In large steps: erasing at the front moves all that is kept.
  if (stream.size() <= 2 * limit_) return;
  stream.erase(0, stream.size() - limit_);
  output_.truncated = true;
}

void Demultiplexer::feed(std::string_view bytes) {
  if (!framed_) return add(output_.out, bytes);
  while (!bytes.empty()) {
    if (left_ == 0) {
      const std::size_t size = std::min(header_size - header_.size(), bytes.size());
      header_ += bytes.substr(0, size);
      bytes.remove_prefix(size);
      if (header_.size() < header_size) return;
      for (std::size_t i = 4; i < header_size; ++i) {
        left_ = left_ << 8U | static_cast<unsigned char>(header_[i]);
      }
      error_ = header_[0] == stderr_stream;
      header_.clear();
      continue;
    }
    const std::string_view piece = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    add(error_ ? output_.err : output_.out, piece);
    left_ -= piece.size();
    bytes.remove_prefix(piece.size());
  }
}

Output Demultiplexer::take() {
  for (std::string* stream : {&output_.out, &output_.err}) {
    if (stream->size() <= limit_) continue;
    stream->erase(0, stream->size() - limit_);
    output_.truncated = true;
  }
  return std::move(output_);
}

}  // namespace ccci::engine
