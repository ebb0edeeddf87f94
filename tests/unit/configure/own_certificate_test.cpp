// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/own_certificate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::configure {
namespace {

// From "openssl req -x509", valid from 2026-11-29 21:44:28 UTC.
const std::string certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICBDCCAW2gAwIBAgIURNUkxFM4V8fc0Rni+pOVBqQYI58wDQYJKoZIhvcNAQEL\n"
    "BQAwFDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyOTIxNDQyOFoXDTM2MTEy\n"
    "NjIxNDQyOFowFDESMBAGA1UEAwwJbG9jYWxob3N0MIGfMA0GCSqGSIb3DQEBAQUA\n"
    "A4GNADCBiQKBgQDZK5k+dBX2ID/tA/Y4jG+GQY+igI9gcfqzzpm/o2Ef/zrUDjT4\n"
    "yHpdYw+TxZtAaocAhLA/Qcn2ky6nBZdm/5NhiFdP9mWDBOf2kcw1A/VTLKiuhjPC\n"
    "q1pcOHjiuvpmOZqMgBQmVsiKLS4yDCGqln2cTyiUmcm7uFxcySPRFHOm4wIDAQAB\n"
    "o1MwUTAdBgNVHQ4EFgQUDV4Z53Aragr5+HSG0GIVEPdXT7cwHwYDVR0jBBgwFoAU\n"
    "DV4Z53Aragr5+HSG0GIVEPdXT7cwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0B\n"
    "AQsFAAOBgQAGvr4q17irA580CRCb2zd1F2Xuowc5uSx6vTq3PV9u49PQV7m2Ei/8\n"
    "Y8680UvGCwuqJi3Wo1FFQi7lPrDrbpruSVVGBZFU/2tVK01MDj95A7hZe/B12Wld\n"
    "FVoJijABbHCxMAlCgWHaPqeRh0+EImytit8jMnV2vunqwtpiXAdang==\n"
    "-----END CERTIFICATE-----\n";
constexpr std::int64_t made = 1795988668;
constexpr std::int64_t day = 24 * 60 * 60;

TEST(OwnCertificate, WasMadeWhileTheScriptRan) {
  EXPECT_TRUE(has_own_certificate(certificate, made));
  EXPECT_TRUE(has_own_certificate("Certificate:\n" + certificate, made));
  EXPECT_TRUE(has_own_certificate(certificate, made + day)) << "some are valid from the day before";
  EXPECT_FALSE(has_own_certificate(certificate, made + day + 1)) << "of a package";
}

TEST(OwnCertificate, IsNoOtherText) {
  EXPECT_FALSE(has_own_certificate("", made));
  EXPECT_FALSE(has_own_certificate(certificate.substr(0, 300), made));
  EXPECT_FALSE(
      has_own_certificate("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----", 0));
  EXPECT_FALSE(has_own_certificate("-----BEGIN CERTIFICATE----------END CERTIFICATE-----", 0));
}

}  // namespace
}  // namespace ccci::configure
