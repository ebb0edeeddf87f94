// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/keyrings.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::source::debian {
namespace {

constexpr const char* block =
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    "Version: any\n"
    "\n"
    "aGVsbG8g\r\n"
    "d29ybGQ=\n"
    "=abcd\n"
    "-----END PGP PUBLIC KEY BLOCK-----\n";

TEST(Armour, GivesTheBytesOfEveryBlock) {
  EXPECT_EQ(without_armour(block), "hello world");
  EXPECT_EQ(without_armour(std::string("a comment\n") + block + "\n" + block),
            "hello worldhello world");
}

TEST(Armour, LeavesABinaryKeyringAsItIs) {
  const std::string binary("\x99\x00\n\xff", 4);
  EXPECT_EQ(without_armour(binary), binary);
}

TEST(Armour, GivesNothingForWhatIsNoBase64) {
  EXPECT_EQ(without_armour("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n*&^%\n-----END PGP"), "");
  EXPECT_EQ(without_armour("-----BEGIN PGP PUBLIC KEY BLOCK-----"), "");
  EXPECT_EQ(without_armour("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nab\n-----END PGP"), "");
}

TEST(KeyringsTest, AnArmouredFileIsReadByOthersAsABinaryOne) {
  const test::Scratch directory;
  const std::string binary = directory.path() / "k.gpg";
  const std::string armoured = directory.path() / "k.asc";
  ASSERT_TRUE(base::replace_file(binary, "bytes"));
  ASSERT_TRUE(base::replace_file(armoured, block));
  const auto keyrings = Keyrings::of(binary + "," + armoured);
  ASSERT_TRUE(keyrings);
  ASSERT_EQ(keyrings->files().size(), 2U);
  EXPECT_EQ(keyrings->files()[0], binary);
  EXPECT_EQ(base::read_file(keyrings->files()[1], 100).value(), "hello world");
}

TEST(KeyringsTest, AMissingFileIsAnError) {
  EXPECT_EQ(Keyrings::of("/nonexistent/k.gpg").error().code, "base.open");
}

TEST(KeyringsTest, FingerprintsRestrictWhichKeysCount) {
  const test::Scratch directory;
  const std::string file = directory.path() / "k.gpg";
  ASSERT_TRUE(base::replace_file(file, "bytes"));
  EXPECT_TRUE(Keyrings::of(file)->accepts("SUB", "PRIMARY"));
  const auto some = Keyrings::of(file + ",PRIMARY");
  EXPECT_TRUE(some->accepts("SUB", "PRIMARY"));
  EXPECT_TRUE(some->accepts("PRIMARY", "PRIMARY"));
  EXPECT_FALSE(some->accepts("OTHER", "ANOTHER"));
  const auto exactly = Keyrings::of(file + ",PRIMARY!");
  EXPECT_TRUE(exactly->accepts("PRIMARY", "PRIMARY"));
  EXPECT_FALSE(exactly->accepts("SUB", "PRIMARY"));
}

}  // namespace
}  // namespace ccci::source::debian
