// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/key.hpp"

#include <sys/stat.h>

#include <cstring>

#include "rig.hpp"

namespace ccci::gate {
namespace {

using testing::ElementsAre;

TEST(Key, SignsAndVerifies) {
  const PrivateKey key = PrivateKey::generate();
  const std::string signature = key.sign("message");
  EXPECT_TRUE(key.public_key().verifies("message", signature));
  EXPECT_FALSE(key.public_key().verifies("massage", signature));
  EXPECT_FALSE(PrivateKey::generate().public_key().verifies("message", signature));
  EXPECT_FALSE(key.public_key().verifies("message", signature.substr(0, 84)));
  EXPECT_FALSE(key.public_key().verifies("message", " " + signature));
  EXPECT_FALSE(key.public_key().verifies("message", ""));
}

TEST(Key, ASignatureHasOneSpelling) {
  const PrivateKey key = PrivateKey::generate();
  std::string signature = key.sign("message");
  // 64 bytes leave four unused bits before "==": another last character would decode the same.
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char& last = signature[85];
  last = alphabet[alphabet.find(last) + 1];
  EXPECT_FALSE(key.public_key().verifies("message", signature));
}

TEST(Key, PublicTextRoundTripsAndRefusesOthers) {
  const PublicKey key = PrivateKey::generate().public_key();
  EXPECT_EQ(PublicKey::from_text(key.text()).value(), key);
  for (const std::string& text : {std::string("ed25519:"), key.text() + "A", key.text().substr(8),
                                  "rsa:" + key.text().substr(8), std::string("ed25519:====")}) {
    EXPECT_THAT(codes(PublicKey::from_text(text)), ElementsAre("gate.key-form")) << text;
  }
}

TEST(Key, SignedBytesKeepTypeAndBodyApart) {
  EXPECT_NE(signed_bytes("claim", "x"), signed_bytes("verdict", "x"));
  EXPECT_NE(signed_bytes("ab", "c"), signed_bytes("a", "bc"));
  EXPECT_NE(signed_bytes("a 1 b", "c"), signed_bytes("a", "b 1 c"));
}

TEST(KeyFile, IsReadableByItsOwnerOnlyAndLoadsAgain) {
  const TemporaryDirectory home;
  const fs::path file = home.path() / "config/cc-ci/keys/alice";
  umask(0);
  const auto key = generate_key(file, home.path() / "repository");
  ASSERT_TRUE(key) << key.error().code;
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  ASSERT_EQ(stat(file.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  EXPECT_EQ(load_key(file)->public_key(), key->public_key());
}

TEST(KeyFile, NeverStandsInTheRepository) {
  const TemporaryDirectory home;
  const fs::path repository = home.path() / "repository";
  fs::create_directories(repository / "keys");
  fs::create_directory_symlink(repository / "keys", home.path() / "link");
  for (const fs::path& file : {repository / "key", repository / "keys/x", home.path() / "link/x",
                               repository / "missing/x", home.path() / "a/../repository/x"}) {
    EXPECT_THAT(codes(generate_key(file, repository)), ElementsAre("gate.key-inside")) << file;
    EXPECT_FALSE(fs::exists(file));
  }
}

TEST(KeyFile, IsNeverWrittenOver) {
  const TemporaryDirectory home;
  fs::permissions(home.path(), fs::perms::owner_all);
  write(home.path() / "key", "precious");
  EXPECT_THAT(codes(generate_key(home.path() / "key", {})), ElementsAre("gate.key-exists"));
  EXPECT_EQ(slurp(home.path() / "key"), "precious");
}

TEST(KeyFile, RefusesDirectoriesAndFilesThatOthersCanRead) {
  const TemporaryDirectory home;
  const fs::path file = home.path() / "key";
  fs::permissions(home.path(), fs::perms(0755));
  EXPECT_THAT(codes(generate_key(file, {})), ElementsAre("gate.key-directory"));
  fs::permissions(home.path(), fs::perms(0700));
  ASSERT_TRUE(generate_key(file, {}));
  fs::permissions(file, fs::perms(0640));
  EXPECT_THAT(codes(load_key(file)), ElementsAre("gate.key-mode"));
  fs::permissions(file, fs::perms(0600));
  EXPECT_TRUE(load_key(file));
  write(file, "no key");
  EXPECT_THAT(codes(load_key(file)), ElementsAre("gate.key-unreadable"));
  EXPECT_THAT(codes(load_key(home.path())), ElementsAre("gate.key-mode"));
}

TEST(Trust, ReadsPartiesAndTheirRoles) {
  const Parties parties;
  const Trust trust = parties.trust();
  const Party* bob = trust.find(parties.bob.public_key().id());
  ASSERT_NE(bob, nullptr);
  EXPECT_EQ(bob->name, "bob");
  EXPECT_TRUE(bob->may_verify);
  EXPECT_FALSE(bob->may_claim);
  EXPECT_EQ(trust.find(parties.mallory.public_key().id()), nullptr);
}

TEST(Trust, RefusesOneKeyUnderTwoNames) {
  const Parties parties;
  const auto trust = read_trust(
      party_text("a", parties.alice, "'claim'") + party_text("b", parties.alice, "'verify'"),
      "keys.toml");
  ASSERT_THAT(codes(trust), ElementsAre("gate.key-twice"));
  EXPECT_EQ(trust.error().where.at(0).line, 5);
}

TEST(Trust, ReportsAllMistakes) {
  EXPECT_THAT(codes(read_trust("x = 1\n[a]\npublic = 'ed25519:abc'\nmay = ['rule']\nmai = 1\n[b]\n",
                               "keys.toml")),
              ElementsAre("gate.type", "gate.key-form", "gate.value", "gate.unknown-key",
                          "gate.missing", "gate.missing"));
}

}  // namespace
}  // namespace ccci::gate
