// SPDX-License-Identifier: GPL-3.0-or-later
// What is not vouched for by the archive's key is refused, each kind by its name.
#include "tests/unit/source/archive_fixture.hpp"

namespace ccci::source::debian {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Trust : public ArchiveTest {
 protected:
  Trust() { mirror.add({.name = "git"}); }

  std::string refusal(bool offline = false) {
    const auto answer = resolve(query({"git"}), offline);
    return answer ? "accepted" : describe(answer.error());
  }
};

TEST_F(Trust, ASignedArchiveIsAcceptedInBothForms) {
  mirror.publish(key);
  EXPECT_EQ(refusal(), "accepted");
  mirror.publish(key, {.detached = true});
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(Trust, AnUnsignedArchiveIsRefused) {
  mirror.publish(key, {.sign = false});
  EXPECT_THAT(refusal(), StartsWith("source.unsigned uri=file:/"));
}

TEST_F(Trust, TheMachineCannotSwitchVerificationOff) {
  tests::write(machine.etc / "apt.conf.d/99careless",
               "Acquire::AllowInsecureRepositories true;\nAcquire::Check-Valid-Until false;\n"
               "Acquire::AllowWeakRepositories true;\nAPT::Get::AllowUnauthenticated true;\n"
               "APT::Update::Pre-Invoke { \"touch " +
                   (directory.path() / "hook").native() + "\"; };\n");
  sources("deb [trusted=yes allow-insecure=yes check-valid-until=no signed-by=" + key.keyring() +
          "] " + mirror.uri() + " stable main\n");
  mirror.publish(key, {.sign = false});
  EXPECT_THAT(refusal(), StartsWith("source.unsigned"));
  mirror.publish(key, {.fields = "Valid-Until: Sat, 18 Jul 2020 10:16:37 UTC\n"});
  EXPECT_THAT(refusal(), StartsWith("source.expired"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "hook"));
}

TEST_F(Trust, AnotherKeyIsRefusedAndNamed) {
  const tests::Key stranger(directory.path() / "stranger", "Stranger");
  mirror.publish(stranger);
  const std::string text = refusal();
  EXPECT_THAT(text,
              AllOf(StartsWith("source.wrong-key uri=" + mirror.uri()), Not(HasSubstr("\n"))));
  const std::string fingerprint = stranger.gpg({"--with-colons", "--list-keys"});
  const std::string keys = text.substr(text.find("keys=") + 5, 16);
  EXPECT_THAT(fingerprint, HasSubstr(keys + ":")) << text;
}

TEST_F(Trust, AKeyInTheSourcesEntryItselfIsTaken) {
  sources("");
  std::string armoured = " ";
  for (const char byte : key.armoured()) {
    armoured.push_back(byte);
    if (byte == '\n') armoured += " ";
  }
  for (std::size_t at = armoured.find("\n \n"); at != std::string::npos;
       at = armoured.find("\n \n", at)) {
    armoured.replace(at, 3, "\n .\n");
  }
  tests::write(machine.etc / "sources.list.d/test.sources",
               "Types: deb deb-src\nURIs: " + mirror.uri() +
                   "\nSuites: stable\nComponents: main\nSigned-By:\n" + armoured + "\n");
  mirror.publish(key);
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(Trust, WithoutSignedByTheMachinesTrustedKeysCount) {
  sources("deb " + mirror.uri() + " stable main\n");
  mirror.publish(key);
  EXPECT_NE(refusal(), "accepted");
  std::filesystem::create_directories(machine.etc / "trusted.gpg.d");
  std::filesystem::copy_file(key.keyring(), machine.etc / "trusted.gpg.d/test.gpg");
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(Trust, AnExpiredArchiveIsRefused) {
  mirror.publish(key, {.fields = "Valid-Until: Sat, 18 Jul 2020 10:16:37 UTC\n"});
  EXPECT_THAT(refusal(), AllOf(StartsWith("source.expired"), HasSubstr(" since=")));
}

TEST_F(Trust, AChangedReleaseFileIsRefused) {
  mirror.publish(key);
  const std::string release = tests::read(mirror.dists() / "InRelease");
  tests::flip_byte(mirror.dists() / "InRelease", release.find("Origin: Test") + 9);
  EXPECT_THAT(refusal(), StartsWith("source.tampered"));
}

TEST_F(Trust, AChangedIndexIsRefused) {
  mirror.publish(key);
  tests::flip_byte(mirror.packages(), 20);
  EXPECT_THAT(refusal(), AllOf(StartsWith("source.tampered"), HasSubstr("Packages")));
}

TEST_F(Trust, WeakDigestsAreRefused) {
  mirror.publish(key, {.hash = "MD5Sum"});
  EXPECT_THAT(refusal(), StartsWith("source.weak-hash"));
}

TEST_F(Trust, WhatRotsOnThisDiskIsFoundAlsoOffline) {
  mirror.publish(key);
  ASSERT_EQ(refusal(), "accepted");
  const std::filesystem::path lists = directory.path() / "state/apt/state/lists";
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    const std::string name = file.path().filename();
    if (name.find("stable") == std::string::npos) continue;
    const std::string content = tests::read(file.path());
    for (std::size_t at = content.find("Package"); at < content.size(); at += 97) {
      if (content.find("-----BEGIN PGP SIGNATURE") <= at) break;
      tests::flip_byte(file.path(), at);
      EXPECT_NE(refusal(true), "accepted") << name << " byte " << at;
      tests::write(file.path(), content);
    }
    tests::flip_byte(file.path(), content.size() / 2);
    EXPECT_THAT(refusal(true), StartsWith("source.tampered")) << name;
    tests::write(file.path(), content);
  }
  EXPECT_EQ(refusal(true), "accepted");
}

TEST_F(Trust, AMirrorThatCannotBeReachedIsNamedWithoutItsPassword) {
  const std::string uri = "http://user:geheim@127.0.0.1:9/debian";
  sources("deb [signed-by=" + key.keyring() + "] " + uri + " stable main\n");
  tests::write(machine.etc / "apt.conf", "Acquire::Retries 0;\nAcquire::http::Proxy DIRECT;\n");
  const std::string text = refusal();
  EXPECT_THAT(text, StartsWith("source.unreachable uri=http://127.0.0.1:9/debian/"));
  EXPECT_THAT(text, Not(HasSubstr("geheim")));
}

TEST_F(Trust, AMissingSuiteIsNamed) {
  mirror.publish(key);
  sources("deb [signed-by=" + key.keyring() + "] " + mirror.uri() +
          " stable stable-updates main\n" + "deb [signed-by=" + key.keyring() + "] " +
          mirror.uri() + " stable-updates main\n");
  EXPECT_THAT(refusal(), AllOf(StartsWith("source.no-suite"), HasSubstr("stable-updates")));
}

TEST_F(Trust, NothingIsPrinted) {
  mirror.publish(key, {.sign = false});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const std::string text = refusal();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(text, Not(HasSubstr("\nsource.apt")));
}

}  // namespace
}  // namespace ccci::source::debian
