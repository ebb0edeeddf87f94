// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/hash.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <vector>

namespace ccci::base {

namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

std::string Digest::hex() const {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 15U]);
  }
  return text;
}

std::string Digest::short_hex() const { return hex().substr(0, 12); }

Result<Digest> Digest::from_hex(std::string_view hex) {
  Digest digest;
  const bool well_formed =
      hex.size() == digest.bytes.size() * 2 &&
      std::all_of(hex.begin(), hex.end(), [](char digit) { return hex_value(digit) >= 0; });
  if (!well_formed) {
    return unexpected(fail("base.digest-form").with("text", hex.substr(0, 80)));
  }
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    digest.bytes[i] =
        static_cast<std::uint8_t>(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
  }
  return digest;
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  bool begun = false;

  State() = default;
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void begin() {
    if (begun) return;
    begun = true;
    // Fetched only once: fetching it for each digest takes longer than hashing a small file.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (context == nullptr || EVP_DigestInit_ex2(context, algorithm, nullptr) != 1) {
      throw std::runtime_error("OpenSSL offers no SHA-256");
    }
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> data) {
  state_->begin();
  EVP_DigestUpdate(state_->context, data.data(), data.size());
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

Digest Sha256::finish() {
  Digest digest;
  state_->begin();
  EVP_DigestFinal_ex(state_->context, digest.bytes.data(), nullptr);
  state_->begun = false;
  return digest;
}

Digest sha256(std::string_view text) {
  Sha256 hasher;
  hasher.update(text);
  return hasher.finish();
}

Result<Digest> sha256_of_fd(int fd) {
  Sha256 hasher;
  std::vector<std::byte> buffer(1U << 18U);
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unexpected(fail("base.read").with_errno(errno));
    if (count == 0) return hasher.finish();
    hasher.update(std::span(buffer).first(static_cast<std::size_t>(count)));
  }
}

}  // namespace ccci::base
