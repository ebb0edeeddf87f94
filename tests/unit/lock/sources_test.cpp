// SPDX-License-Identifier: GPL-3.0-or-later
// Packages of other archives than Debian's in the lock.
#include "lock/changes.hpp"
#include "tests/unit/lock/lock_fixture.hpp"

namespace ccci::lock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Lock with_vendor() {
  Lock lock = sample();
  source::Package terraform = package("terraform", "1.9.8-1", {"tool terraform"});
  terraform.source = "vendor";
  lock.packages.push_back(terraform);
  lock.format = 3;
  return lock;
}

TEST(OtherSources, AreWrittenAndReadAgain) {
  const std::string text = write(with_vendor());
  EXPECT_THAT(text, HasSubstr("cc-ci-lock 3\n"));
  EXPECT_THAT(text, HasSubstr("  from apt vendor bookworm main\n"));
  const auto again = read(text, "cc-ci.lock");
  ASSERT_TRUE(again) << again.error().field("expected");
  EXPECT_EQ(again->find("terraform")->source, "vendor");
  EXPECT_EQ(again->find("git")->source, "");
  EXPECT_EQ(write(*again), text);
}

TEST(OtherSources, AFlatSuiteHasNoComponent) {
  Lock lock = with_vendor();
  lock.packages.back().suite = "./";
  lock.packages.back().component = "";
  const auto again = read(write(lock), "cc-ci.lock");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->find("terraform")->suite, "./");
  EXPECT_EQ(again->find("terraform")->component, "");
}

TEST(OtherSources, AreNotInALockOfAnOldFormat) {
  Lock lock = with_vendor();
  lock.format = 2;
  EXPECT_FALSE(read(write(lock), "cc-ci.lock"));
  lock.format = 3;
  lock.packages.back().uri = "../../etc/shadow";
  EXPECT_FALSE(read(write(lock), "cc-ci.lock"));
}

TEST(OtherSources, MakeTheFormatOfTheLock) {
  source::Answer answer;
  answer.packages = {package("git", "1", {"tool git"})};
  const auto old = make({}, answer, {}, "amd64");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->format, 1);
  answer.packages.front().source = "vendor";
  const auto fresh = make({}, answer, {}, "amd64");
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->format, 3);
  Lock both = *fresh;
  add_pypi(both, {package("pypi:x", "1", {"python x"})}, {});
  EXPECT_EQ(both.format, 3);
}

TEST(OtherSources, AnotherOriginIsAChange) {
  Lock before = sample();
  Lock after = sample();
  after.packages[2].source = "vendor";
  const std::vector<Change> found = changes(before, after);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].movement, Movement::rebuilt);
  EXPECT_EQ(found[0].source_before, "");
  EXPECT_EQ(found[0].source_after, "vendor");
}

TEST(OtherSources, AreAPartOfTheFingerprint) {
  declare::Declaration with;
  with.tools = {{"terraform", {}}};
  const std::string before = fingerprint(with);
  with.apt_sources["vendor"] = {.name = {"vendor", {}},
                                .uri = "https://apt.example.com",
                                .suites = {"bookworm"},
                                .components = {},
                                .signed_by = "vendor.asc"};
  const std::string declared = fingerprint(with);
  EXPECT_NE(declared, before);
  with.packages["terraform"] = {
      .name = {"terraform", {}},
      .from = declare::DebianPackage{.name = {}, .source = {"vendor", {}}},
      .commands = {}};
  const std::string asked = fingerprint(with);
  EXPECT_NE(asked, declared);
  const source::Query made = query(with, nullptr, {}, false);
  EXPECT_EQ(made.choices.at("terraform").source, "vendor");
  EXPECT_EQ(made.others.size(), 1U);
  with.packages["terraform"].from =
      declare::DebianPackage{.name = {}, .source = {"vendor", {}}, .version = {"1.9.*", {}}};
  EXPECT_NE(fingerprint(with), asked);
  with.debian.further_suites = {"bookworm-backports"};
  EXPECT_NE(fingerprint(with), asked);
}

}  // namespace
}  // namespace ccci::lock
