// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/authority.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace ccci::ingress {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate parsed(const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
  BIO_free(bio);
  return certificate;
}

// X509_V_OK, or why a client refuses the leaf at that time.
int verdict(const Authority& authority, const std::string& leaf, std::time_t when) {
  const Certificate root = parsed(authority.certificate());
  const Certificate certificate = parsed(leaf);
  X509_STORE* const store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  X509_STORE_CTX* const context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate.get(), nullptr);
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(wanted, when);
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  const int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return result;
}

bool is_for(const std::string& leaf, const char* name) {
  return X509_check_host(parsed(leaf).get(), name, 0, 0, nullptr) == 1;
}

constexpr std::time_t now = 1'800'000'000;

TEST(Authority, SignsForAllNamesForADay) {
  const auto authority = Authority::make(now);
  ASSERT_TRUE(authority);
  const auto leaf = authority->leaf({"a.example", "b_c.example", "localhost"});
  ASSERT_TRUE(leaf);
  EXPECT_EQ(verdict(*authority, *leaf, now), X509_V_OK);
  EXPECT_EQ(verdict(*authority, *leaf, now + 23L * 3600), X509_V_OK);
  EXPECT_EQ(verdict(*authority, *leaf, now + 25L * 3600), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_TRUE(is_for(*leaf, "a.example"));
  EXPECT_TRUE(is_for(*leaf, "b_c.example"));
  EXPECT_TRUE(is_for(*leaf, "localhost"));
  EXPECT_FALSE(is_for(*leaf, "c.example"));
  EXPECT_EQ(X509_check_ip_asc(parsed(*leaf).get(), "127.0.0.1", 0), 1);
  EXPECT_THAT(*leaf, testing::HasSubstr("PRIVATE KEY"));
  EXPECT_THAT(authority->certificate(), testing::Not(testing::HasSubstr("PRIVATE KEY")));
}

TEST(Authority, NamesAreNotParsed) {
  const auto authority = Authority::make(now);
  const auto leaf = authority->leaf({"x,DNS:evil.example", std::string("y\0.example", 10)});
  ASSERT_TRUE(leaf);
  EXPECT_FALSE(is_for(*leaf, "evil.example"));
}

TEST(Authority, IsTrustedByNobodyElse) {
  const auto one = Authority::make(now);
  const auto other = Authority::make(now);
  EXPECT_NE(verdict(*one, *other->leaf({"a.example"}), now), X509_V_OK);
  EXPECT_NE(one->pin(), other->pin());
}

TEST(Authority, AllLeavesHaveOnePin) {
  const auto authority = Authority::make(now);
  EXPECT_EQ(authority->pin().size(), 44U);
  const auto key = [](const std::string& leaf) { return leaf.substr(leaf.find("PRIVATE")); };
  EXPECT_EQ(key(*authority->leaf({"a.example"})), key(*authority->leaf({"b.example"})));
}

}  // namespace
}  // namespace ccci::ingress
