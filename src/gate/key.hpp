// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 keys. A private key is never stored in a repository. A public key is one line of text.
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
  // 16 hex digits of the digest. This id is a name for people and records, not a proof: only the
  // key that is listed under it in gates/keys.toml counts.
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

// The bytes that are signed. The type and both lengths come first, so a claim cannot be used as a
// verdict, and no two (type, body) pairs give the same bytes.
std::string signed_bytes(std::string_view type, std::string_view body);

// Writes a new private key with mode 0600, and never replaces an existing file. `forbidden` is the
// repository's work tree, because a key below it would be pushed some day. Creates the directory
// (0700) if it is missing. [gate.key-inside], [gate.key-exists], [gate.key-directory]
base::Result<PrivateKey> generate_key(const std::filesystem::path& file,
                                      const std::filesystem::path& forbidden);

// [gate.key-mode] if others can read the file or the caller does not own it, [gate.key-form]
base::Result<PrivateKey> load_key(const std::filesystem::path& file);

}  // namespace ccci::gate
