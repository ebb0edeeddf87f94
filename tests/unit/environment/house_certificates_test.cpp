// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/house_certificates.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

// Authorities of a test, with the subjects CN=1 and CN=2.
const std::string one =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBKjCB0qADAgECAhQ6+FRih0ofaCcQpjCOSRlrIQMwMTAKBggqhkjOPQQDAjAM\n"
    "MQowCAYDVQQDDAExMCAXDTI2MTEyODIyMjIxMloYDzIxMjYxMTA0MjIyMjEyWjAM\n"
    "MQowCAYDVQQDDAExMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMBNTd8vwgJX9\n"
    "84J00K22Wg0EsS+/6ObHlt4AgTKE1DXlud4SoB/OHSw7NFw7CMAQ3pa043q06g95\n"
    "fqJFh0mBgaMQMA4wDAYDVR0TBAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB/HVjo\n"
    "gVLuh2HDArnNk22zUVE/L5Wq6jWYFTSy29V0AgIgdZBS6diug/ylp3pe1PySsCVH\n"
    "gn9E+b3x7yZjJ2SmJM8=\n"
    "-----END CERTIFICATE-----\n";
const std::string two =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBKzCB0qADAgECAhRX0Tv/CAn7ZSDHV3D1p3zXcgg0zzAKBggqhkjOPQQDAjAM\n"
    "MQowCAYDVQQDDAEyMCAXDTI2MTEyODIyMjIxMloYDzIxMjYxMTA0MjIyMjEyWjAM\n"
    "MQowCAYDVQQDDAEyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDhNvHkK+ioMC\n"
    "7Rf7RkH21wdL6vbW1QdDIPTSn0Nn1YMOGDMeBNy3FfstlptiPebnPyZP+ifrSsV1\n"
    "wBdNChJFJKMQMA4wDAYDVR0TBAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAhAY1\n"
    "ebmTey0D/4OEhSfd6l75agnjzIc8Pcot5qc4tbkCIFRWgjq52nozAeSBEXtMTu4i\n"
    "vMGxRFxMerpQKxRhOTmK\n"
    "-----END CERTIFICATE-----\n";
const std::string key = "-----BEGIN PRIVATE KEY-----\nMw==\n-----END PRIVATE KEY-----\n";

declare::Declaration declared(const std::vector<std::pair<std::string, std::string>>& files) {
  declare::Declaration declaration;
  for (const auto& [path, pem] : files) declaration.certificates.push_back({{path, {}}, pem});
  return declaration;
}

TEST(HouseCertificates, AreOneFileEachWithoutAnythingElse) {
  std::string dos;
  for (const char c : one) dos += c == '\n' ? "\r\n" : std::string(1, c);
  const auto found =
      house_certificates(declared({{"certs/my company.pem", "text\n" + one + key + two},
                                   {"other/my company.crt", one.substr(0, one.size() - 1)},
                                   {"x.pem", dos}}));
  ASSERT_TRUE(found);
  const std::string place = "usr/share/ca-certificates/cc-ci/";
  EXPECT_THAT(*found, ::testing::ElementsAre(HouseCertificate{place + "my-company.crt", one},
                                             HouseCertificate{place + "my-company-2.crt", two}));
}

TEST(HouseCertificates, ADamagedOneIsNamedByTheDeclaredPath) {
  const std::string cut = two.substr(0, two.size() - 40);
  const std::string altered = "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----\n";
  for (const std::string& pem : {one + cut, one + altered}) {
    const auto found = house_certificates(declared({{"certs/a.pem", one}, {"certs/b.pem", pem}}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "environment.broken-certificate");
    EXPECT_EQ(found.error().field("path"), "certs/b.pem");
    EXPECT_EQ(found.error().field("number"), "2");
    EXPECT_TRUE(found.error().also.empty());
  }
}

TEST(HouseCertificates, AFileWithoutCertificatesIsNamed) {
  const auto found = house_certificates(declared({{"key.pem", key}, {"empty", ""}}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "environment.no-certificate");
  EXPECT_EQ(found.error().field("path"), "key.pem");
  EXPECT_EQ(found.error().also.size(), 1U);
}

TEST(HouseCertificates, NssReadsTheBundleWhereItCan) {
  const std::string list = "usr/lib/x86_64-linux-gnu/nss/libnssckbi.so";
  const std::string reader = "usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-trust.so";
  for (const bool can : {false, true}) {
    std::vector<Part> parts{test::part("libnss3", {list})};
    if (can) parts.push_back(test::part("p11-kit-modules", {reader}));
    auto tree = Tree::merge(parts);
    ASSERT_TRUE(tree);
    Plan plan;
    add_house_certificates(*tree, plan, {{"usr/share/ca-certificates/cc-ci/x.crt", one}});
    EXPECT_THAT(plan.certificates, ::testing::ElementsAre("usr/share/ca-certificates/cc-ci/x.crt"));
    EXPECT_EQ(tree->find(list)->entry.target, can ? "/" + reader : "");
  }
}

}  // namespace
}  // namespace ccci::environment
