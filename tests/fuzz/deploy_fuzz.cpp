// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte picks a message of a deployment, or all of a peer's bytes: no message, or one that
// is written back the same; and no error from the other side repaints a terminal.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/text.hpp"
#include "deploy/frame.hpp"
#include "deploy/manifest.hpp"
#include "deploy/message.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

class Bytes final : public deploy::Stream {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  base::Result<std::size_t> read(char* into, std::size_t room) override {
    const std::size_t count = std::min(room, bytes_.size());
    std::memcpy(into, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }
  base::Result<void> write(std::string_view) override { return {}; }

 private:
  std::string_view bytes_;
};

void hello(const std::string& text) {
  const auto hello = deploy::read_hello(text);
  if (!hello) return;
  const auto again = deploy::read_hello(deploy::write(*hello));
  require(again && *again == *hello && hello->file.find('/') == std::string::npos);
}

void ready(const std::string& text) {
  const auto ready = deploy::read_ready(text);
  if (!ready) return;
  const auto again = deploy::read_ready(deploy::write(*ready));
  require(again && *again == *ready);
}

void done(const std::string& text) {
  const auto done = deploy::read_done(text);
  if (!done) return;
  const auto again = deploy::read_done(deploy::write(*done));
  require(again && *again == *done);
}

void failed(const std::string& text) {
  const base::Error error = deploy::read_error(text);
  const std::string written = deploy::write(error);
  require(written.size() <= deploy::largest(deploy::FrameKind::failed).value());
  static_cast<void>(deploy::read_error(written));
}

void wanted(const std::string& text) {
  if (const auto all = deploy::read_wanted(text, 100)) {
    require(all->size() <= 100 && deploy::write_wanted(*all) == text);
  }
  if (const auto head = deploy::read_blob_head(text)) {
    const auto again = deploy::read_blob_head(deploy::write(*head));
    require(again && again->sha256 == head->sha256 && again->size == head->size);
  }
}

void manifest(const std::string& text) {
  const auto manifest = deploy::ProjectManifest::read("cc-ci-project 1\n" + text);
  if (!manifest) return;
  require(manifest->text() == "cc-ci-project 1\n" + text);
  for (const auto& [path, entry] : manifest->entries()) {
    require(!path.empty() && path.front() != '/');
    require(("/" + path + "/").find("/../") == std::string::npos);
  }
}

void frames(const std::string& text) {
  Bytes greeting(text);
  static_cast<void>(deploy::Frames(greeting).meet());
  Bytes bytes(text);
  deploy::Frames frames(bytes);
  while (const auto frame = frames.receive()) {
    require(frame->content.size() <= deploy::largest(frame->kind).value());
  }
}

constexpr std::array readers{hello, ready, done, failed, wanted, manifest, frames};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  readers[data[0] % readers.size()](std::string(data + 1, data + size));
  return 0;
}
