// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/authority.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/hash.hpp"

namespace ccci::ingress {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

namespace {

constexpr long day = 24L * 60 * 60;
constexpr std::size_t serial_size = 16;

using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

base::Error failure() {
  const char* const reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return base::fail("ingress.certificate").with("problem", reason == nullptr ? "" : reason);
}

Key make_key() { return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")); }

bool set_serial(X509* certificate) {
  std::array<unsigned char, serial_size> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] &= 0x7f;  // a serial number is positive
  const std::unique_ptr<BIGNUM, Free<BN_free>> number(
      BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509_NAME* name, const char* text) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text), -1, -1, 0) == 1;
}

// With constant values only: OpenSSL parses them as configuration.
bool extend(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_name(GENERAL_NAMES* names, int kind, std::string_view value) {
  ASN1_STRING* text = kind == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (text == nullptr || name == nullptr ||
      ASN1_STRING_set(text, value.data(), static_cast<int>(value.size())) != 1)
    return false;
  GENERAL_NAME_set0_value(name, kind, text);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

bool set_names(X509* certificate, const std::set<std::string>& names) {
  const Names list(sk_GENERAL_NAME_new_null());
  bool added = list != nullptr && add_name(list.get(), GEN_DNS, "localhost") &&
               add_name(list.get(), GEN_IPADD, std::string_view("\x7f\0\0\1", 4));
  for (const std::string& name : names)
    if (name != "localhost") added = added && add_name(list.get(), GEN_DNS, name);
  return added && X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, 0) == 1;
}

// What both kinds of certificates have. `issuer` may be the certificate itself.
Certificate begin(EVP_PKEY* key, const char* name, X509* issuer, std::time_t now) {
  Certificate certificate(X509_new());
  if (certificate == nullptr) return nullptr;
  X509* const raw = certificate.get();
  X509* const signer = issuer == nullptr ? raw : issuer;
  // A minute earlier: clocks of virtual machines may go back a little.
  const bool good = X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
                    ASN1_TIME_set(X509_getm_notBefore(raw), now - 60) != nullptr &&
                    ASN1_TIME_set(X509_getm_notAfter(raw), now + day) != nullptr &&
                    X509_set_pubkey(raw, key) == 1 && set_name(X509_get_subject_name(raw), name) &&
                    X509_set_issuer_name(raw, X509_get_subject_name(signer)) == 1 &&
                    extend(raw, signer, NID_subject_key_identifier, "hash");
  return good ? std::move(certificate) : nullptr;
}

template <typename Write>
std::string pem(const Write& write) {
  const Bio output(BIO_new(BIO_s_mem()));
  if (output == nullptr || write(output.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
  return pem([&](BIO* output) { return PEM_write_bio_X509(output, certificate); });
}

}  // namespace

struct Authority::State {
  std::time_t now = 0;
  Key key;
  Certificate certificate;
  Key leaf_key;
};

Authority::Authority(std::unique_ptr<State> state) : state_(std::move(state)) {}
Authority::~Authority() = default;
Authority::Authority(Authority&&) noexcept = default;
Authority& Authority::operator=(Authority&&) noexcept = default;

base::Result<Authority> Authority::make(std::time_t now) {
  auto state = std::make_unique<State>();
  state->now = now;
  state->key = make_key();
  state->leaf_key = make_key();
  if (state->key == nullptr || state->leaf_key == nullptr) return base::unexpected(failure());
  state->certificate = begin(state->key.get(), "cc-ci, authority of one run", nullptr, now);
  X509* const raw = state->certificate.get();
  if (raw == nullptr || !extend(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !extend(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      X509_sign(raw, state->key.get(), EVP_sha256()) == 0) {
    return base::unexpected(failure());
  }
  return Authority(std::move(state));
}

std::string Authority::certificate() const { return certificate_pem(state_->certificate.get()); }

base::Result<std::string> Authority::leaf(const std::set<std::string>& names) const {
  X509* const issuer = state_->certificate.get();
  const Certificate leaf =
      begin(state_->leaf_key.get(), "cc-ci, ingress of one run", issuer, state_->now);
  X509* const raw = leaf.get();
  if (raw == nullptr || !extend(raw, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(raw, issuer, NID_key_usage, "critical,digitalSignature") ||
      !extend(raw, issuer, NID_ext_key_usage, "serverAuth") ||
      !extend(raw, issuer, NID_authority_key_identifier, "keyid:always") ||
      !set_names(raw, names) || X509_sign(raw, state_->key.get(), EVP_sha256()) == 0) {
    return base::unexpected(failure());
  }
  return certificate_pem(raw) + pem([&](BIO* output) {
           return PEM_write_bio_PKCS8PrivateKey(output, state_->leaf_key.get(), nullptr, nullptr, 0,
                                                nullptr, nullptr);
         });
}

std::string Authority::pin() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(state_->leaf_key.get(), &bytes);
  if (size <= 0) return {};
  const base::Digest digest = base::sha256(
      std::string_view(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)));
  OPENSSL_free(bytes);
  std::string text(4 * ((digest.bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     digest.bytes.data(), static_cast<int>(digest.bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace ccci::ingress
