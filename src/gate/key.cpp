// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdexcept>
#include <utility>
#include <vector>

#include "base/hash.hpp"

namespace ccci::gate {

namespace {

constexpr std::string_view prefix = "ed25519:";
constexpr std::size_t signature_size = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encode(const unsigned char* data, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// Decodes exactly `size` bytes in their canonical spelling. Returns nothing for any other text.
std::vector<unsigned char> decode(std::string_view text, std::size_t size) {
  if (text.size() != 4 * ((size + 2) / 3)) return {};
  std::vector<unsigned char> data(text.size() / 4 * 3);
  if (EVP_DecodeBlock(data.data(), bytes(text), static_cast<int>(text.size())) < 0) return {};
  data.resize(size);
  // Other padding bits or white space would give a second spelling of the same signature.
  if (encode(data.data(), data.size()) != text) return {};
  return data;
}

void demand(bool held) {
  if (!held) throw std::runtime_error("OpenSSL does not support Ed25519");
}

EVP_PKEY* raw(void* key) { return static_cast<EVP_PKEY*>(key); }

int no_password(char*, int, int, void*) { return 0; }  // never prompt

}  // namespace

std::string PublicKey::text() const {
  return std::string(prefix) + encode(bytes.data(), bytes.size());
}

std::string PublicKey::id() const {
  return base::sha256("cc-ci gate key " + text()).hex().substr(0, 16);
}

base::Result<PublicKey> PublicKey::from_text(std::string_view text) {
  std::vector<unsigned char> data;
  if (text.starts_with(prefix)) data = decode(text.substr(prefix.size()), 32);
  if (data.size() != 32) {
    return base::unexpected(base::fail("gate.key-form").with("text", text.substr(0, 80)));
  }
  PublicKey key;
  std::copy(data.begin(), data.end(), key.bytes.begin());
  return key;
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  const auto data = decode(signature, signature_size);
  if (data.size() != signature_size) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()),
                &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (key == nullptr || context == nullptr) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), data.data(), data.size(), gate::bytes(message),
                          message.size()) == 1;
}

void PrivateKey::Free::operator()(void* key) const { EVP_PKEY_free(raw(key)); }

PrivateKey PrivateKey::generate() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  demand(key != nullptr);
  return PrivateKey(key);
}

base::Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view name) {
  const Bio input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(input.get(), nullptr, &no_password, nullptr);
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
    EVP_PKEY_free(key);
    return base::unexpected(base::fail("gate.key-unreadable").with("path", name));
  }
  return PrivateKey(key);
}

std::string PrivateKey::pem() const {
  const Bio output(BIO_new(BIO_s_mem()), &BIO_free);
  demand(PEM_write_bio_PKCS8PrivateKey(output.get(), raw(key_.get()), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

PublicKey PrivateKey::public_key() const {
  PublicKey key;
  std::size_t size = key.bytes.size();
  demand(EVP_PKEY_get_raw_public_key(raw(key_.get()), key.bytes.data(), &size) == 1);
  return key;
}

std::string PrivateKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, signature_size> signature{};
  std::size_t size = signature.size();
  demand(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, raw(key_.get())) == 1 &&
         EVP_DigestSign(context.get(), signature.data(), &size, bytes(message), message.size()) ==
             1);
  return encode(signature.data(), size);
}

std::string signed_bytes(std::string_view type, std::string_view body) {
  std::string text = "cc-ci-gate-v1 ";
  text += std::to_string(type.size()) + " " + std::string(type) + " ";
  text += std::to_string(body.size()) + " " + std::string(body);
  return text;
}

}  // namespace ccci::gate
