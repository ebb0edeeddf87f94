// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/house_certificates.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

const std::string one = "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----\n";
const std::string two = "-----BEGIN CERTIFICATE-----\nMg==\n-----END CERTIFICATE-----\n";
const std::string key = "-----BEGIN PRIVATE KEY-----\nMw==\n-----END PRIVATE KEY-----\n";

declare::Declaration declared(const std::vector<std::pair<std::string, std::string>>& files) {
  declare::Declaration declaration;
  for (const auto& [path, pem] : files) declaration.certificates.push_back({{path, {}}, pem});
  return declaration;
}

TEST(HouseCertificates, AreOneFileEachWithoutAnythingElse) {
  const auto found = house_certificates(
      declared({{"certs/my company.pem", "text\n" + one + key + two},
                {"other/my company.crt", one},
                {"x.pem", "-----BEGIN CERTIFICATE-----\r\nMw==\r\n-----END CERTIFICATE-----"}}));
  ASSERT_TRUE(found);
  const std::string place = "usr/share/ca-certificates/cc-ci/";
  EXPECT_THAT(*found,
              ::testing::ElementsAre(HouseCertificate{place + "my-company.crt", one},
                                     HouseCertificate{place + "my-company-2.crt", two},
                                     HouseCertificate{place + "x.crt",
                                                      "-----BEGIN CERTIFICATE-----\nMw==\n-----END "
                                                      "CERTIFICATE-----\n"}));
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
