// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/failure.hpp"

#include <gtest/gtest.h>

namespace ccci::source::debian {
namespace {

// As the methods of apt 2.6 (gpgv) and apt 3.0 (sqv) print it.
TEST(Failure, BothVerifiersAreUnderstood) {
  const std::string uri = "http://me:secret@m.example.org/dists/stable/InRelease";
  const std::string id = "50A0CA7CD1C08901";
  for (const std::string& text :
       {"The following signatures couldn't be verified because the public key is not available: "
        "NO_PUBKEY " +
            id,
        "Sub-process /usr/bin/sqv returned an error code (1), error message is:\nMissing key "
        "5C9EC857FBBB829838D63F50" +
            id + ", which is needed to verify signature."}) {
    const base::Error error = classify(text, uri);
    EXPECT_EQ(error.code, "source.wrong-key") << text;
    EXPECT_EQ(error.field("keys"), id);
    EXPECT_EQ(error.field("uri"), "http://m.example.org/dists/stable/InRelease");
  }
  for (const char* text :
       {"The following signatures were invalid: BADSIG 0123456789ABCDEF Test",
        "Sub-process /usr/bin/sqv returned an error code (1), error message is: Verifying "
        "signature: Message has been manipulated"}) {
    EXPECT_EQ(classify(text, uri).code, "source.tampered") << text;
  }
}

TEST(Failure, ASilentOneOfALocalMirrorIsAnotherDigest) {
  const base::Error error = classify("Undetermined Error", "copy:/mirror/dists/stable/Packages");
  EXPECT_EQ(error.code, "source.tampered");
  EXPECT_EQ(error.field("uri"), "file:/mirror/dists/stable/Packages");
  EXPECT_EQ(classify("Undetermined Error", "http://m.example.org/x").code, "source.apt");
}

}  // namespace
}  // namespace ccci::source::debian
