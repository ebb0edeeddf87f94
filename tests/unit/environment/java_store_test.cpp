// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/java_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace ccci::environment {
namespace {

const std::string certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBejCCAR+gAwIBAgIUP9N6iuy5zB7xf8j55HdWy7T08NswCgYIKoZIzj0EAwIw\n"
    "EjEQMA4GA1UEAwwHVGVzdCBDQTAeFw0yNjExMjIxOTA3MzlaFw0zNjExMTkxOTA3\n"
    "MzlaMBIxEDAOBgNVBAMMB1Rlc3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AAQ4blWkgbC6hAyBcb7FFmnoHTCIEaSZ4Xp5qLRm+mRIWG3T9t1S7BoVRp/ZmIB5\n"
    "nWwOPDIZ6cGNcB5P/9Aw+T/Qo1MwUTAdBgNVHQ4EFgQUXwvbH1quFSEXSfStex6m\n"
    "2vD/qzowHwYDVR0jBBgwFoAUXwvbH1quFSEXSfStex6m2vD/qzowDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA/VWd+NnVezsMm+456zHejxiHGgxk\n"
    "g7XAxGataJq+FMMCIQC1DpfvAf/03GrsSAlm9Ga1Mjz0Y+D0PWt7ad7bIvIKgg==\n"
    "-----END CERTIFICATE-----\n";

std::string der(const std::string& store, std::size_t& at) {
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(store.at(at++));
  at += size;
  return store.substr(at - size, size);
}

TEST(JavaStore, HoldsEveryCertificateByDebiansName) {
  const auto store = java_store({{"usr/share/ca-certificates/x/Zürich CA.crt", certificate},
                                 {"usr/share/ca-certificates/x/A.crt", certificate}});
  ASSERT_TRUE(store);
  EXPECT_EQ(store->substr(0, 12), std::string("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\2", 12));
  const std::size_t first = store->find("debian:a.pem");
  const std::size_t second = store->find("debian:z__rich_ca.pem");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  std::size_t at = store->find("X.509") + 5;
  EXPECT_EQ(base::sha256(der(*store, at)).hex(),
            "f06ab2d126f94f0e03c1cda1eaaad58299a739c43e4797f22a157c95ce143f22");
}

// Java refuses a store with another checksum. What keytool reads of these bytes was seen.
TEST(JavaStore, IsTheSameEveryTime) {
  const auto store = java_store({{"usr/share/ca-certificates/x/A.crt", certificate}});
  ASSERT_TRUE(store);
  EXPECT_EQ(base::sha256(*store).hex(),
            "eec0964c9ec5fb912dbb72540d82a2c3bc36d49518ee09f4913a76c4ffe2ba93");
}

TEST(JavaStore, RefusesWhatIsNoCertificate) {
  const auto store = java_store({{"usr/x.crt", "no"}});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "environment.certificate");
}

}  // namespace
}  // namespace ccci::environment
