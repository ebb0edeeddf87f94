// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/entries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/debian_mirror.hpp"

namespace ccci::source::debian {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Entries, OneLineFormat) {
  EXPECT_THAT(
      parse_one_line("# deb http://commented.example.org stable main\n"
                     "deb http://a.example.org/debian stable main contrib # behind\n"
                     "deb [ arch=amd64,arm64 signed-by=/k.gpg trusted=yes ] http://b.example.org "
                     "stable-updates main\n"
                     "deb [arch=arm64] http://foreign.example.org stable main\n"
                     "deb-src http://source.example.org stable main\n"
                     "deb http://flat.example.org ./\n"
                     "deb http://nothing.example.org stable\n"
                     "deb http://both.example.org ./ main\n"
                     "deb [broken http://broken.example.org stable main\n"
                     "debug\n"
                     "deb\n",
                     "amd64"),
      ElementsAre(Entry{"http://a.example.org/debian", "stable", {"main", "contrib"}, ""},
                  Entry{"http://b.example.org", "stable-updates", {"main"}, "/k.gpg"},
                  Entry{"http://flat.example.org", "./", {}, ""}));
}

TEST(Entries, Deb822Format) {
  EXPECT_THAT(
      parse_deb822("# a comment\n"
                   "Types: deb-src deb\n"
                   "URIs: http://a.example.org http://b.example.org\n"
                   "# another\n"
                   "Suites: stable\n"
                   " stable-updates\n"
                   "Components: main\n"
                   "Trusted: yes\n"
                   "signed-by: /k.gpg /l.gpg\n"
                   "\n\n"
                   "Types: deb\nEnabled: no\nURIs: http://off.example.org\n"
                   "Suites: stable\nComponents: main\n"
                   "\n"
                   "Types: deb\nURIs: http://foreign.example.org\nSuites: stable\n"
                   "Components: main\nArchitectures: arm64\n"
                   "\n"
                   "Types: deb-src\nURIs: http://source.example.org\nSuites: stable\n"
                   "Components: main",
                   "amd64"),
      ElementsAre(Entry{"http://a.example.org", "stable", {"main"}, "/k.gpg,/l.gpg"},
                  Entry{"http://a.example.org", "stable-updates", {"main"}, "/k.gpg,/l.gpg"},
                  Entry{"http://b.example.org", "stable", {"main"}, "/k.gpg,/l.gpg"},
                  Entry{"http://b.example.org", "stable-updates", {"main"}, "/k.gpg,/l.gpg"}));
}

class Chosen : public testing::Test {
 protected:
  Chosen() {
    tests::write(machine.etc / "sources.list",
                 "deb http://a.example.org stable main\n"
                 "deb http://a.example.org stable contrib\n"
                 "deb http://a.example.org stable-updates main\n"
                 "deb http://s.example.org stable/updates main\n"
                 "deb http://a.example.org stablest main\n"
                 "deb http://a.example.org testing main\n");
    tests::write(machine.etc / "sources.list.d/extra.list",
                 "deb http://e.example.org stable-security main\n");
    tests::write(machine.etc / "sources.list.d/ignored.list.save",
                 "deb http://i.example.org stable main\n");
    tests::write(machine.os_release, "NAME=\"Test\"\nVERSION_CODENAME='testing'\n");
  }

  std::vector<std::string> of(const declare::DebianSource& source) {
    const auto found = entries(source, machine, "amd64");
    if (!found) return {found.error().code + " " + std::string(found.error().field("others"))};
    std::vector<std::string> result;
    for (const Entry& entry : *found) {
      std::string line = entry.suite + " " + entry.uri;
      for (const std::string& component : entry.components) line += " " + component;
      result.push_back(line);
    }
    return result;
  }

  tests::Directory directory;
  Machine machine{.etc = directory.path() / "etc",
                  .os_release = directory.path() / "os-release",
                  .keyrings = directory.path() / "keyrings"};
};

// A lock of the other archives alone would be another lock.
TEST_F(Chosen, AreNotFewerBecauseADirectoryCannotBeRead) {
  std::filesystem::remove_all(machine.etc / "sources.list.d");
  tests::write(machine.etc / "sources.list.d", "a file");
  EXPECT_THAT(of({.suite = "stable", .uri = {}, .components = {}, .signed_by = {}}),
              ElementsAre(testing::HasSubstr("base.open")));
}

TEST_F(Chosen, AreThoseOfTheSuiteAndItsOwnSuites) {
  EXPECT_THAT(of({.suite = "stable", .uri = {}, .components = {}, .signed_by = {}}),
              ElementsAre("stable http://a.example.org/ contrib main",
                          "stable-security http://e.example.org/ main",
                          "stable-updates http://a.example.org/ main",
                          "stable/updates http://s.example.org/ main"));
}

TEST_F(Chosen, AreOfTheMachinesReleaseWhereNoSuiteIsDeclared) {
  EXPECT_THAT(of({}), ElementsAre("testing http://a.example.org/ main"));
  std::filesystem::remove(machine.os_release);
  EXPECT_THAT(of({}), ElementsAre("source.no-suite-known "));
}

TEST_F(Chosen, AMissingSuiteIsAtTheMirrorOfTheMachinesRelease) {
  tests::write(machine.os_release, "VERSION_CODENAME=old\n");
  tests::write(machine.keyrings / "debian-archive-keyring.gpg", "all");
  const std::string key = (machine.keyrings / "debian-archive-old-stable.gpg").native();
  tests::write(machine.etc / "sources.list.d/debian.sources",
               "Types: deb\nURIs: http://m.example.org\nSuites: old old-updates old-backports\n"
               "Components: main contrib\nSigned-By: " +
                   key +
                   "\n\nTypes: deb\nURIs: http://m.example.org/security\nSuites: old-security\n"
                   "Components: main\nSigned-By: /k.gpg\n\n"
                   "Types: deb\nURIs: http://vendor.example.org\nSuites: old\nComponents: main\n");
  EXPECT_THAT(of({.suite = "new", .uri = {}, .components = {}, .signed_by = {}}),
              ElementsAre("new http://m.example.org/ contrib main",
                          "new-security http://m.example.org/security/ main",
                          "new-updates http://m.example.org/ contrib main"));
  EXPECT_THAT(of({.suite = "sid", .uri = {}, .components = {"main"}, .signed_by = {}}),
              ElementsAre("sid http://m.example.org/ main"));
  // A suite of the machine's own release that it has no entry for.
  declare::DebianSource two;
  two.suite = "stable";
  two.further_suites = {"old-sloppy"};
  EXPECT_THAT(of(two), testing::Contains("old-sloppy http://m.example.org/ contrib main"));
  declare::DebianSource next;
  next.suite = "new";
  const auto found = entries(next, machine, "amd64");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->front().signed_by, (machine.keyrings / "debian-archive-keyring.gpg").native());
  EXPECT_EQ(found->at(1).signed_by, "/k.gpg");
}

TEST_F(Chosen, AMissingSuiteIsAnErrorThatNamesTheOthers) {
  tests::write(machine.os_release, "VERSION_CODENAME=unheard-of\n");
  tests::write(machine.etc / "sources.list", "deb http://a.example.org testing main\n");
  EXPECT_THAT(of({.suite = "sid", .uri = {}, .components = {}, .signed_by = {}}),
              ElementsAre("source.no-entry stable-security, testing"));
}

TEST(Entries, PasswordsAreCutOut) {
  EXPECT_EQ(without_password("https://me:se@cret@host/a@b"), "https://host/a@b");
  EXPECT_EQ(without_password("https://token@host"), "https://host");
  EXPECT_EQ(without_password("https://host/a@b"), "https://host/a@b");
  EXPECT_EQ(without_password("file:/a@b"), "file:/a@b");
}

TEST(Entries, WhatIsWrittenForLibaptHoldsNoWeakeningOption) {
  tests::Directory directory;
  const auto all = parse_deb822(
      "Types: deb\nURIs: http://a.example.org\nSuites: stable\nComponents: main\nTrusted: yes\n"
      "Check-Valid-Until: no\nAllow-Insecure: yes\nAllow-Weak: yes\n"
      "Allow-Downgrade-To-Insecure: yes\nCheck-Date: no\n",
      "amd64");
  const auto text = render(all, directory.path(), "amd64");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "# Written by cc-ci for every use of the archive.\n"
            "\nTypes: deb\nURIs: http://a.example.org\nSuites: stable\nComponents: main\n"
            "Architectures: amd64\nTargets: Packages\n");
}

}  // namespace
}  // namespace ccci::source::debian
