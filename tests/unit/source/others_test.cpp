// SPDX-License-Identifier: GPL-3.0-or-later
// What other archives than Debian's may supply, and what not.
#include "source/debian/relation.hpp"
#include "tests/unit/source/archive_fixture.hpp"

namespace ccci::source::debian {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// A second archive with its own key.
class Others : public ArchiveTest {
 protected:
  Others() {
    vendor.add({.name = "terraform", .version = "1.9.8-1"});
    mirror.add({.name = "bash", .version = "5.2", .fields = "Depends: libc6\n"});
    mirror.add({.name = "libc6", .version = "2.36"});
    declare("vendor", vendor, vendor_key.keyring());
  }

  void declare(const std::string& name, const tests::DebianMirror& archive,
               const std::string& keyring, const std::string& suite = "stable") {
    declared[name] = {.name = {name, {}},
                      .uri = archive.uri(),
                      .suites = {suite},
                      .components = {},
                      .signed_by = keyring};
  }

  Query asking(const std::vector<std::string>& debian, const std::vector<std::string>& others) {
    std::vector<std::string> all = debian;
    all.insert(all.end(), others.begin(), others.end());
    Query query = this->query(all);
    query.others = declared;
    for (const std::string& name : others) query.choices[name] = {.source = "vendor"};
    return query;
  }

  void publish() {
    mirror.publish(key);
    vendor.publish(vendor_key);
  }

  std::vector<std::string> places(const Query& query) {
    const auto answer = resolve(query);
    if (!answer) return {describe(answer.error())};
    std::vector<std::string> result;
    for (const Package& package : answer->packages) {
      result.push_back(package.name + " " + package.version +
                       (package.source.empty() ? "" : " " + package.source));
    }
    return result;
  }

  tests::Key vendor_key{directory.path() / "vendor-key", "Vendor"};
  tests::DebianMirror vendor{directory.path() / "vendor"};
  std::map<std::string, declare::AptSource> declared;
};

TEST_F(Others, SupplyWhatIsAskedByName) {
  vendor.add({.name = "terraform", .version = "1.10.0-1"});
  publish();
  EXPECT_THAT(places(asking({"bash"}, {"terraform"})),
              ElementsAre("base 1", "bash 5.2", "libc6 2.36", "terraform 1.10.0-1 vendor"));
  const auto answer = resolve(asking({}, {"terraform"}));
  ASSERT_TRUE(answer);
  const Package& package = find(*answer, "terraform");
  EXPECT_EQ(package.source, "vendor");
  EXPECT_EQ(package.suite + " " + package.component, "stable main");
  EXPECT_EQ(package.uri, "pool/main/terraform_1.10.0-1_all.deb");
  EXPECT_THAT(package.because, ElementsAre("tool terraform"));
}

TEST_F(Others, AreFoundWithTheLongFormOfAFileUri) {
  vendor.add({.name = "terraform", .version = "1.10.0-1"});
  publish();
  std::string& uri = declared.at("vendor").uri;
  ASSERT_TRUE(uri.starts_with("file:/") && !uri.starts_with("file://")) << uri;
  uri.insert(5, "//");
  EXPECT_THAT(places(asking({"bash"}, {"terraform"})), Contains("terraform 1.10.0-1 vendor"));
}

TEST_F(Others, SupplyDependenciesThatDebianLacks) {
  vendor.add({.name = "terraform",
              .version = "2",
              .fields = "Depends: libc6 (>= 2), vendor-data (= 2), vendor-virtual, "
                        "vendor-mta | libc6\n"});
  vendor.add({.name = "vendor-data", .version = "2"});
  vendor.add({.name = "vendor-data", .version = "3"});
  vendor.add({.name = "vendor-lib", .fields = "Provides: vendor-virtual\n"});
  vendor.add({.name = "vendor-mta"});
  vendor.add({.name = "libc6", .version = "99:1"});
  publish();
  const auto answer = resolve(asking({"bash"}, {"terraform"}));
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_THAT(places(asking({"bash"}, {"terraform"})),
              ElementsAre("base 1", "bash 5.2", "libc6 2.36", "terraform 2 vendor",
                          "vendor-data 2 vendor", "vendor-lib 1 vendor"));
  EXPECT_THAT(find(*answer, "vendor-lib").because, ElementsAre("package terraform"));
  EXPECT_THAT(find(*answer, "terraform").depends,
              ElementsAre("libc6", "vendor-data", "vendor-lib"));
}

TEST_F(Others, ReplaceNothingInPassing) {
  vendor.add({.name = "libc6", .version = "99:1"});
  vendor.add({.name = "bash", .version = "5.2", .fields = "Depends: libc6\n"});
  vendor.add({.name = "aaa-shell", .fields = "Provides: bash (= 99), libc6\nReplaces: bash\n"});
  vendor.add({.name = "rootkit", .fields = "Essential: yes\n"});
  vendor.add({.name = "base", .version = "99", .fields = "Essential: yes\n"});
  vendor.add({.name = "terraform",
              .version = "2",
              .fields = "Depends: bash | aaa-shell, libc6, aaa-shell | bash\n"
                        "Essential: yes\nProvides: bash, libc6\nReplaces: bash\n"});
  mirror.add({.name = "picky", .fields = "Depends: aaa-shell | bash\n"});
  publish();
  const std::vector<std::string> expected{"base 1", "bash 5.2", "libc6 2.36", "picky 1",
                                          "terraform 2 vendor"};
  EXPECT_EQ(places(asking({"bash", "picky"}, {"terraform"})), expected);
  const auto answer = resolve(asking({"bash"}, {"terraform"}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(find(*answer, "bash").sha256,
            base::sha256(tests::read(mirror.pool("bash", "5.2"))).hex());
  EXPECT_FALSE(find(*answer, "terraform").essential);
  EXPECT_THAT(find(*answer, "terraform").provides, ElementsAre());
}

// aaa-thing is a dependency of terraform that Debian lacks. A package of Debian that would take it
// too takes what Debian has.
TEST_F(Others, ADependencyOfOneIsNoAlternativeForDebian) {
  vendor.add({.name = "terraform", .version = "2", .fields = "Depends: aaa-thing\n"});
  vendor.add({.name = "aaa-thing"});
  mirror.add({.name = "picky", .fields = "Depends: aaa-thing | thing\n"});
  mirror.add({.name = "thing"});
  publish();
  EXPECT_THAT(
      places(asking({"picky"}, {"terraform"})),
      ElementsAre("aaa-thing 1 vendor", "base 1", "picky 1", "terraform 2 vendor", "thing 1"));
}

TEST_F(Others, AConflictWithDebianIsReportedAndNotSolvedByThem) {
  mirror.add({.name = "picky", .fields = "Depends: mawk | gawk\n"});
  mirror.add({.name = "mawk"});
  mirror.add({.name = "gawk"});
  vendor.add({.name = "terraform", .version = "2", .fields = "Conflicts: mawk\n"});
  publish();
  EXPECT_THAT(places(asking({"picky"}, {"terraform"})),
              ElementsAre(AllOf(StartsWith("source.conflict"), HasSubstr("terraform 2"),
                                HasSubstr("mawk"))));
}

TEST_F(Others, AnEssentialPackageThatIsAskedForStaysEssential) {
  vendor.add({.name = "base", .version = "2"});
  publish();
  const auto answer = resolve(asking({}, {"base"}));
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(find(*answer, "base").version, "2");
  EXPECT_TRUE(find(*answer, "base").essential);
}

TEST_F(Others, TheSameNameInTwoArchives) {
  tests::Key other_key(directory.path() / "other-key", "Other");
  tests::DebianMirror other{directory.path() / "other"};
  other.add({.name = "terraform", .version = "99"});
  other.add({.name = "tofu", .fields = "Depends: shared-lib\n"});
  other.add({.name = "shared-lib", .version = "7"});
  other.publish(other_key);
  declare("other", other, other_key.keyring());
  vendor.add({.name = "packer", .fields = "Depends: shared-lib\n"});
  vendor.add({.name = "shared-lib", .version = "8"});
  publish();
  EXPECT_THAT(places(asking({}, {"terraform"})), ElementsAre("base 1", "terraform 1.9.8-1 vendor"));
  Query both = asking({}, {"packer"});
  both.shared.push_back(tool("tofu"));
  both.choices["tofu"] = {.source = "other"};
  EXPECT_THAT(places(both), ElementsAre(AllOf(StartsWith("source.two-archives"),
                                              HasSubstr("package=shared-lib"))));
  both.choices["shared-lib"] = {.source = "other"};
  EXPECT_THAT(places(both),
              ElementsAre("base 1", "packer 1 vendor", "shared-lib 7 other", "tofu 1 other"));
}

TEST_F(Others, WhatDebianHasTooOldIsNamedAndTakenIfListed) {
  vendor.add({.name = "terraform", .version = "2", .fields = "Depends: libc6 (>= 3)\n"});
  vendor.add({.name = "libc6", .version = "3"});
  publish();
  Query query = asking({"bash"}, {"terraform"});
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.debian-too-old"), HasSubstr("found=2.36"),
                                HasSubstr("source=vendor"))));
  query.choices["libc6"] = {.source = "vendor"};
  EXPECT_THAT(places(query),
              ElementsAre("base 1", "bash 5.2", "libc6 3 vendor", "terraform 2 vendor"));
}

TEST_F(Others, VersionsAreExactOrPatterns) {
  vendor.add({.name = "terraform", .version = "1.9.10-1"});
  vendor.add({.name = "terraform", .version = "5:2.0-1"});
  mirror.add({.name = "git", .version = "1:2.39"});
  mirror.add({.name = "git", .version = "1:2.40"});
  publish();
  Query query = asking({}, {"terraform"});
  query.choices["terraform"].version = "1.9.*";
  EXPECT_THAT(places(query), Contains("terraform 1.9.10-1 vendor"));
  query.choices["terraform"].version = "1.9.8-1";
  EXPECT_THAT(places(query), Contains("terraform 1.9.8-1 vendor"));
  query.choices["terraform"].version = "2.*";
  EXPECT_THAT(places(query), Contains("terraform 5:2.0-1 vendor"));
  query.choices["terraform"].version = "3.*";
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.no-version package=terraform version=3.* "
                                           "source=vendor"),
                                HasSubstr("found=5:2.0-1, 1.9.10-1, 1.9.8-1"))));
  Query of_debian = asking({"git"}, {});
  of_debian.choices["git"] = {.version = "2.39"};
  EXPECT_THAT(places(of_debian), Contains("git 1:2.39"));
  of_debian.choices["git"] = {.version = "3*"};
  EXPECT_THAT(places(of_debian), ElementsAre(AllOf(StartsWith("source.no-version"),
                                                   HasSubstr("1:2.40 (stable), 1:2.39 (stable)"))));
}

TEST_F(Others, KeepTheirVersionsUntilAnUpdate) {
  publish();
  Query query = asking({}, {"terraform"});
  const auto before = resolve(query);
  ASSERT_TRUE(before);
  auto fetched = archive().fetch(before->packages, {{}, declared}, base::silent());
  ASSERT_TRUE(fetched) << describe(fetched.error());
  vendor.add({.name = "terraform", .version = "1.9.9-1"});
  publish();
  query.keep = before->packages;
  EXPECT_THAT(places(query), Contains("terraform 1.9.8-1 vendor"));
  // The archive dropped it, and its file is kept.
  vendor.drop("terraform", "1.9.8-1");
  publish();
  EXPECT_THAT(places(query), Contains("terraform 1.9.8-1 vendor"));
  query.update = {"terraform"};
  EXPECT_THAT(places(query), Contains("terraform 1.9.9-1 vendor"));
  // A package that is now asked of Debian does not stay the vendor's.
  mirror.add({.name = "terraform", .version = "0.1"});
  publish();
  query.update.clear();
  query.choices.clear();
  EXPECT_THAT(places(query), Contains("terraform 0.1"));
}

TEST_F(Others, AreRefusedByTheirNames) {
  publish();
  const Query query = asking({}, {"terraform"});
  vendor.publish(vendor_key, {.sign = false});
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.unsigned"), HasSubstr("source=vendor"))));
  vendor.publish(key);
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.wrong-key"), HasSubstr("source=vendor"))));
  vendor.publish(vendor_key, {.fields = "Valid-Until: Sat, 18 Jul 2020 10:16:37 UTC\n"});
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.expired"), HasSubstr("source=vendor"))));
  // Its own key does not sign for Debian.
  vendor.publish(vendor_key, {.detached = true});
  EXPECT_THAT(places(query), Contains("terraform 1.9.8-1 vendor"));
  mirror.publish(vendor_key);
  EXPECT_THAT(places(query),
              ElementsAre(AllOf(StartsWith("source.wrong-key"), Not(HasSubstr("source=vendor")))));
}

TEST_F(Others, KeysAreArmouredOrBinaryWhateverTheFileIsCalled) {
  publish();
  const std::filesystem::path file = directory.path() / "vendor.key";
  for (const std::string& content : {vendor_key.armoured(), tests::read(vendor_key.keyring())}) {
    tests::write(file, content);
    declared["vendor"].signed_by = file;
    EXPECT_THAT(places(asking({}, {"terraform"})), Contains("terraform 1.9.8-1 vendor"));
  }
  tests::write(file, "not a key\n");
  EXPECT_THAT(places(asking({}, {"terraform"})),
              ElementsAre(AllOf(StartsWith("source.bad-keyring"), HasSubstr("source=vendor"))));
}

TEST_F(Others, AnUnknownPackageNamesTheSource) {
  publish();
  EXPECT_THAT(places(asking({}, {"terrafrom"})),
              ElementsAre(AllOf(StartsWith("source.unknown-package"), HasSubstr("source=vendor"),
                                HasSubstr("likely=terraform"))));
  EXPECT_THAT(
      places(asking({"terraform"}, {})),
      ElementsAre(AllOf(StartsWith("source.unknown-package"), HasSubstr("offered=vendor"))));
}

TEST_F(Others, FilesComeFromTheirOwnArchive) {
  publish();
  const auto answer = resolve(asking({"bash"}, {"terraform"}));
  ASSERT_TRUE(answer);
  auto undeclared = archive().fetch(answer->packages, {}, base::silent());
  ASSERT_FALSE(undeclared);
  EXPECT_THAT(describe(undeclared.error()), StartsWith("source.undeclared"));
  ASSERT_TRUE(archive().fetch(answer->packages, {{}, declared}, base::silent()));
  EXPECT_TRUE(std::filesystem::exists(kept_path(kept, find(*answer, "terraform"))));
}

TEST_F(Others, BackportsSupplyOnlyWhatIsAsked) {
  tests::DebianMirror backports{directory.path() / "mirror", "stable-backports"};
  mirror.add({.name = "git", .version = "1", .fields = "Depends: git-man (= 1)\n"});
  mirror.add({.name = "git-man", .version = "1"});
  backports.add({.name = "git", .version = "2", .fields = "Depends: git-man (= 2), bash\n"});
  backports.add({.name = "git-man", .version = "2"});
  backports.add({.name = "bash", .version = "6"});
  backports.add({.name = "only-there"});
  backports.publish(key, {.fields = "NotAutomatic: yes\nButAutomaticUpgrades: yes\n"});
  publish();
  Query query = this->query({"git", "bash"});
  query.source = {.suite = "stable",
                  .uri = mirror.uri(),
                  .components = {},
                  .signed_by = key.keyring(),
                  .further_suites = {"stable-backports"}};
  EXPECT_THAT(places(query), ElementsAre("base 1", "bash 5.2", "git 1", "git-man 1", "libc6 2.36"));
  query.choices["git"] = {.suite = "stable-backports"};
  const auto answer = resolve(query);
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(find(*answer, "git-man").suite, "stable-backports");
  const std::vector<std::string> expected{"base 1", "bash 5.2", "git 2", "git-man 2", "libc6 2.36"};
  EXPECT_EQ(places(query), expected);
  query.keep = answer->packages;
  EXPECT_EQ(places(query), expected);
  query.choices["bash"] = {.suite = "stable-updates"};
  EXPECT_THAT(places(query), ElementsAre(AllOf(AllOf(StartsWith("source.not-in-suite package=bash"),
                                                     HasSubstr("suite=stable-updates")),
                                               HasSubstr("source=debian"),
                                               HasSubstr("6 (stable-backports), 5.2 (stable)"))));
  query.choices["bash"] = {.suite = "stable-backports", .version = "7"};
  EXPECT_THAT(places(query), ElementsAre(StartsWith("source.no-version package=bash")));
  // Without being asked they do not stay, although the lock has them.
  query.choices.clear();
  EXPECT_THAT(places(query), ElementsAre("base 1", "bash 5.2", "git 1", "git-man 1", "libc6 2.36"));
  query.shared.push_back(tool("only-there"));
  EXPECT_THAT(places(query), ElementsAre(StartsWith("source.unknown-package")));
}

TEST_F(Others, ADatedStateMayBeExpired) {
  tests::DebianMirror dated{directory.path() / "vendor" / "20260901T000000Z"};
  dated.add({.name = "terraform", .version = "0.9"});
  dated.publish(vendor_key, {.fields = "Valid-Until: Sat, 18 Jul 2020 10:16:37 UTC\n"});
  publish();
  declared["vendor"].snapshot = "20260901T000000Z";
  EXPECT_THAT(places(asking({}, {"terraform"})), Contains("terraform 0.9 vendor"));
  declared["vendor"].snapshot = "20250101T000000Z";
  EXPECT_THAT(places(asking({}, {"terraform"})),
              ElementsAre(AllOf(HasSubstr("20250101T000000Z"), HasSubstr("source=vendor"))));
}

TEST_F(Others, FlatArchives) {
  const std::filesystem::path root = directory.path() / "flat";
  for (const std::string suite : {"./", "/", "deb/"}) {
    std::filesystem::remove_all(root);
    tests::DebianMirror files{root};
    files.add({.name = "flat"});
    const std::string place = (root / suite.substr(0, suite.size() - 1)).native();
    std::filesystem::create_directories(place);
    const std::string deb = tests::read(files.pool("flat", "1"));
    const std::string index =
        "Package: flat\nVersion: 1\nArchitecture: all\nFilename: "
        "./pool/main/flat_1_all.deb\nSize: " +
        std::to_string(deb.size()) + "\nSHA256: " + base::sha256(deb).hex() + "\n\n";
    tests::write(place + "/Packages", index);
    tests::write(place + "/Release", "Date: Sat, 11 Jul 2026 10:16:37 UTC\nSHA256:\n " +
                                         base::sha256(index).hex() + " " +
                                         std::to_string(index.size()) + " Packages\n");
    vendor_key.gpg({"--clearsign", "--output", place + "/InRelease", place + "/Release"});
    declare("flat", files, vendor_key.keyring(), suite);
    publish();
    Query query = asking({}, {"flat"});
    query.choices["flat"].source = "flat";
    const auto answer = resolve(query);
    ASSERT_TRUE(answer) << suite << describe(answer.error());
    EXPECT_EQ(find(*answer, "flat").component, "");
    EXPECT_EQ(find(*answer, "flat").suite, suite);
    auto fetched = archive().fetch(answer->packages, {{}, declared}, base::silent());
    EXPECT_TRUE(fetched) << describe(fetched.error());
    std::filesystem::remove_all(kept);
    std::filesystem::remove_all(directory.path() / "state");
  }
}

TEST(Relations, AreReadAndWritten) {
  const auto groups = read_relations("a (>= 1:2), b:any | c (<< 3~rc),\n d");
  EXPECT_EQ(write_relations(groups), "a (>= 1:2), b | c (<< 3~rc), d");
  EXPECT_TRUE(groups[0][0].is_met_by("1:2"));
  EXPECT_FALSE(groups[0][0].is_met_by("9"));
  EXPECT_TRUE(groups[1][1].is_met_by("2"));
  EXPECT_TRUE(fits("1.9.*", "1.9.8-1"));
  EXPECT_TRUE(fits("1.9.*", "5:1.9.8-1"));
  EXPECT_FALSE(fits("1.9", "1.9.8"));
  EXPECT_FALSE(fits("4:1.9.*", "5:1.9.8"));
}

}  // namespace
}  // namespace ccci::source::debian
