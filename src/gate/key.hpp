// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 keys. A private key never stands in a repository; a public key is one line of text.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::gate {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};

  std::string text() const;  // "ed25519:BASE64"
  // 16 hex digits of the digest. A name for people and records, never a proof: what counts is the
  // key that stands under it in gates/keys.toml.
  std::string id() const;
  static base::Result<PublicKey> from_text(std::string_view text);  // [gate.key-form]

  bool verifies(std::string_view message, std::string_view signature) const;
  auto operator<=>(const PublicKey&) const = default;
};

class PrivateKey {
 public:
  static PrivateKey generate();
  static base::Result<PrivateKey> from_pem(std::string_view pem, std::string_view name);

  std::string pem() const;  // PKCS#8
  PublicKey public_key() const;
  std::string sign(std::string_view message) const;  // 64 bytes in base64

 private:
  struct Free {
    void operator()(void* key) const;
  };
  explicit PrivateKey(void* key) : key_(key) {}
  std::unique_ptr<void, Free> key_;
};

// What is signed: never the bytes alone. With the type and both lengths in front, no claim can pass
// for a verdict, and no two (type, body) pairs give the same bytes.
std::string signed_bytes(std::string_view type, std::string_view body);

// Writes a new private key, mode 0600, never over an existing file. `forbidden` is the repository's
// work tree: a key below it would be pushed one day. The directory is made (0700) where it is
// missing. [gate.key-inside], [gate.key-exists], [gate.key-directory]
base::Result<PrivateKey> generate_key(const std::filesystem::path& file,
                                      const std::filesystem::path& forbidden);

// [gate.key-mode] where others may read it or it is not the caller's own, [gate.key-form]
base::Result<PrivateKey> load_key(const std::filesystem::path& file);

}  // namespace ccci::gate
