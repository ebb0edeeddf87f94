// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/host_packages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/scratch.hpp"

namespace ccci::learn {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(HostPackages, ReadsWhatDpkgSaysOfPackages) {
  const auto facts = read_facts(
      "installed\x1fpython3\x1fpython3-defaults\x1fno\x1fpython3-minimal (= 3.11), , "
      "libc6:any (>= 2) | musl [linux-any]\x1fpython3-profiler, x (= 1)\n"
      "installed\x1f"
      "bash\x1f"
      "bash\x1fyes\x1f, \x1f\n"
      "config-files\x1fgone\x1fgone\x1fno\x1f, \x1f\n"
      "half a line\n");
  ASSERT_EQ(facts.size(), 2U);
  const PackageFacts& python = facts.at("python3");
  EXPECT_EQ(python.source, "python3-defaults");
  EXPECT_THAT(python.depends, ElementsAre("python3-minimal", "libc6", "musl"));
  EXPECT_THAT(python.provides, ElementsAre("python3-profiler", "x"));
  EXPECT_FALSE(python.essential);
  EXPECT_TRUE(facts.at("bash").essential);
  EXPECT_TRUE(facts.at("bash").depends.empty());
}

TEST(HostPackages, ReadsWhatDpkgSaysOfOwners) {
  const auto owners = read_owners(
      "diversion by dash from: /bin/sh\ndiversion by dash to: /bin/sh.distrib\n"
      "local diversion from: /usr/bin/x\n"
      "dash: /bin/sh\nlibc6:amd64: /lib/ld.so\ngit, git-man: /usr/share/doc\n"
      "dpkg-query: no path found matching pattern /x\n");
  EXPECT_EQ(owners.size(), 2U);
  EXPECT_EQ(owners.at("/bin/sh"), "dash");
  EXPECT_EQ(owners.at("/lib/ld.so"), "libc6");
}

TEST(HostPackages, KnowsTheNamesOfAFile) {
  EXPECT_THAT(spellings("/usr/bin/no-such"), ElementsAre("/usr/bin/no-such", "/bin/no-such"));
  EXPECT_THAT(spellings("/sbin/no-such"), ElementsAre("/sbin/no-such", "/usr/sbin/no-such"));
  EXPECT_THAT(spellings("/opt/bin/no-such"), ElementsAre("/opt/bin/no-such"));
  EXPECT_THAT(spellings("/usr/lib/x/__pycache__/y.cpython-311.pyc"), Contains("/usr/lib/x/y.py"));
}

// An alternative: cc -> alternatives/cc -> gcc -> gcc-12. The package of gcc has it.
TEST(HostPackages, KnowsEachLinkOfAFile) {
  const test::Scratch scratch;
  test::write_text(scratch / "gcc-12", "x");
  std::filesystem::create_directory(scratch / "alternatives");
  std::filesystem::create_symlink("gcc-12", scratch / "gcc");
  std::filesystem::create_symlink(scratch / "gcc", scratch / "alternatives/cc");
  std::filesystem::create_symlink("alternatives/cc", scratch / "cc");
  std::filesystem::create_symlink("round", scratch / "round");
  EXPECT_THAT(spellings(scratch / "cc"), ElementsAre(scratch / "cc", scratch / "alternatives/cc",
                                                     scratch / "gcc", scratch / "gcc-12"));
  EXPECT_THAT(spellings(scratch / "round"), ElementsAre(scratch / "round"));
}

TEST(HostPackages, FollowsDependenciesAndVirtualNames) {
  HostPackages host;
  host.packages["a"] = {"a", "a", {"b", "mail"}, {}, false};
  host.packages["b"] = {"b", "b", {"a"}, {}, false};
  host.packages["exim"] = {"exim", "exim", {}, {"mail"}, false};
  host.packages["other"] = {"other", "other", {}, {}, false};
  EXPECT_THAT(host.closure({"a"}), ElementsAre("a", "b", "exim", "mail"));
}

// The real dpkg of this machine, which building needs anyway.
TEST(HostPackages, AsksTheMachine) {
  const auto host = ask_host({"/bin/sh", "/usr/bin/env", "/bin/env", "/no/such", "/usr/bin/a*[b]"},
                             base::real_processes());
  ASSERT_TRUE(host) << host.error().code;
  ASSERT_NE(host->owner("/usr/bin/env"), nullptr);
  EXPECT_EQ(*host->owner("/usr/bin/env"), "coreutils");
  EXPECT_EQ(*host->owner("/bin/env"), "coreutils");
  EXPECT_EQ(*host->owner("/bin/sh"), "dash");
  EXPECT_EQ(host->owner("/no/such"), nullptr);
  EXPECT_EQ(host->owner("/usr/bin/a*[b]"), nullptr);
  EXPECT_TRUE(host->packages.at("coreutils").essential);
}

}  // namespace
}  // namespace ccci::learn
