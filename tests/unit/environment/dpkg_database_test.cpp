// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/dpkg_database.hpp"

#include <gmock/gmock.h>

#include "environment/package_tools.hpp"
#include "environment/plan.hpp"
#include "environment/profile.hpp"
#include "environment/shells.hpp"
#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;
using testing::HasSubstr;
using testing::Not;

std::string content(const Tree& tree, const std::string& path) {
  const Node* node = tree.find(path);
  return node == nullptr ? "(missing)" : node->content;
}

std::vector<Part> sample() {
  Part library = part(
      "zlib1g",
      {"usr/lib/x86_64-linux-gnu/libz.so.1 -> libz.so.1.2", "usr/lib/x86_64-linux-gnu/libz.so.1.2"},
      {.control = {{"control",
                    "Package: zlib1g\nVersion: 1\nArchitecture: amd64\n"
                    "Multi-Arch: same\nDescription: x\n y\n"}}});
  library.md5sums = "0123456789abcdef0123456789abcdef  lib/x86_64-linux-gnu/libz.so.1.2\n";
  for (const char* name : {"control", "symbols", "postinst"}) {
    store::Entry entry;
    entry.path = name;
    library.info.push_back(entry);
  }
  return {library,
          part("git", {"usr/bin/git*"}, {.control = {{"control", "Package: git\nVersion: 2\n"}}})};
}

TEST(DpkgDatabase, DescribesTheLockedPackages) {
  const std::vector<Part> parts = sample();
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  add_dpkg_database(*tree, parts, {}, {});
  EXPECT_EQ(content(*tree, "var/lib/dpkg/status"),
            "Package: zlib1g\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
            "Multi-Arch: same\nDescription: x\n y\n\n"
            "Package: git\nStatus: install ok installed\nVersion: 2\n\n");
  const std::string list = content(*tree, "var/lib/dpkg/info/zlib1g:amd64.list");
  EXPECT_THAT(list, HasSubstr("\n/usr/lib/x86_64-linux-gnu/libz.so.1.2\n"));
  EXPECT_THAT(list, HasSubstr("\n/lib/x86_64-linux-gnu/libz.so.1.2\n"))
      << "the name in the archive";
  EXPECT_THAT(list, HasSubstr("\n/lib/x86_64-linux-gnu/libz.so.1\n"));
  EXPECT_EQ(content(*tree, "var/lib/dpkg/info/git.list"), "/.\n/usr\n/usr/bin\n/usr/bin/git\n");
  const Node* symbols = tree->find("var/lib/dpkg/info/zlib1g:amd64.symbols");
  ASSERT_NE(symbols, nullptr);
  EXPECT_EQ(symbols->path_in_part, "../control/symbols");
  EXPECT_EQ(tree->find("var/lib/dpkg/info/zlib1g:amd64.postinst"), nullptr)
      << "no script can be run in a complete environment";
}

// So an update of another package leaves them as they are, and environments can share them.
TEST(DpkgDatabase, AListHasTheTimeOfItsPackage) {
  std::vector<Part> parts = sample();
  for (store::Entry& entry : parts[0].manifest.entries) entry.time = 1700000000;
  for (store::Entry& entry : parts[1].manifest.entries) entry.time = 1600000000;
  const auto root = plan_root(parts, {}, {});
  ASSERT_TRUE(root);
  std::map<std::string, std::int64_t> times;
  for (const Operation& operation : root->operations) times[operation.path] = operation.entry.time;
  EXPECT_EQ(times.at("var/lib/dpkg/info/zlib1g:amd64.list"), 1700000000);
  EXPECT_EQ(times.at("var/lib/dpkg/info/git.list"), 1600000000);
  EXPECT_EQ(times.at("var/lib/dpkg/status"), 1700000000) << "it is made from all";
}

TEST(DpkgDatabase, SaysWhatIsPending) {
  const std::vector<Part> parts = sample();
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  DpkgPending pending;
  pending.unpacked = {"zlib1g"};
  pending.files = {{"/usr/share/s", {"zlib1g"}}};
  pending.named = {{"texmf", {"zlib1g"}}};
  pending.activated = {"texmf"};
  add_dpkg_database(*tree, parts, pending, {});
  EXPECT_THAT(content(*tree, "var/lib/dpkg/status"),
              HasSubstr("Package: zlib1g\nStatus: install ok unpacked\n"));
  EXPECT_EQ(content(*tree, "var/lib/dpkg/triggers/File"), "/usr/share/s zlib1g\n");
  EXPECT_EQ(content(*tree, "var/lib/dpkg/triggers/texmf"), "zlib1g/noawait\n");
  EXPECT_EQ(content(*tree, "var/lib/dpkg/triggers/Unincorp"), "texmf -\n");
  EXPECT_NE(tree->find("var/lib/dpkg/info/zlib1g:amd64.postinst"), nullptr);
}

TEST(DpkgDatabase, BuildEssentialIsThereWhereAllThatItNamesIs) {
  std::vector<Part> parts;
  for (const char* name : {"dpkg-dev", "g++", "gcc", "libc6-dev"}) parts.push_back(part(name, {}));
  const auto status = [&] {
    auto tree = Tree::merge(parts);
    EXPECT_TRUE(tree);
    add_dpkg_database(*tree, parts, {}, {});
    return content(*tree, "var/lib/dpkg/status");
  };
  EXPECT_THAT(status(), Not(HasSubstr("build-essential")));
  parts.push_back(part("make", {}));
  EXPECT_THAT(status(), HasSubstr("Package: build-essential\nStatus: install ok installed\n"));
}

TEST(DpkgDatabase, KnowsTheAlternatives) {
  const std::vector<Part> parts{part("mawk", {"usr/bin/mawk*", "usr/share/man/mawk.1"})};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  const Candidate candidate{"mawk", "usr/bin/awk",
                            "awk",  "usr/bin/mawk",
                            5,      {{"usr/share/man/awk.1", "awk.1", "usr/share/man/mawk.1"}}};
  const Candidate absent{"gawk", "usr/bin/awk", "awk", "usr/bin/gawk", 10, {}};
  add_dpkg_database(*tree, parts, {}, {candidate, absent});
  EXPECT_EQ(content(*tree, "var/lib/dpkg/alternatives/awk"),
            "auto\n/usr/bin/awk\nawk.1\n/usr/share/man/awk.1\n\n/usr/bin/mawk\n5\n"
            "/usr/share/man/mawk.1\n\n");
}

TEST(PackageTools, RefuseToChangePackagesAndSayWhatToDo) {
  const std::vector<Part> parts{part("apt", {"usr/bin/apt-get*"}), part("dpkg", {"usr/bin/dpkg*"})};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  std::vector<Exposed> exposed{{"apt",
                                "apt",
                                "1",
                                "/p/apt",
                                {{"apt-get", "/usr/bin/apt-get", "apt", "apt"},
                                 {"apt-cache", "/usr/bin/apt-cache", "apt", ""}}}};
  add_package_tools(*tree, exposed);
  EXPECT_EQ(exposed[0].commands[0].needs, "");
  EXPECT_THAT(content(*tree, "p/apt/apt-get"), HasSubstr("declare it in cc-ci.toml"));
  EXPECT_THAT(content(*tree, "p/apt/apt-get"), HasSubstr("exec /usr/bin/apt-get \"$@\"\n"));
  EXPECT_EQ(tree->find("p/apt/apt-cache"), nullptr) << "it changes nothing";
  EXPECT_THAT(content(*tree, "etc/dpkg/dpkg.cfg.d/cc-ci"), HasSubstr("pre-invoke="));
}

TEST(Profile, KeepsThePathOfTheEnvironment) {
  const std::string text =
      profile({{"git", "git", "1", "/p/git", {}}, {"e", "e", "1", "/p/e", {}}});
  EXPECT_THAT(text, HasSubstr("PATH_OF_CC_CI='/p/git:/p/e'\n"));
  EXPECT_THAT(text, Not(HasSubstr("/usr/bin:")));
}

TEST(Profile, TakesAwayWhatFishAppends) {
  const std::string text =
      fish_profile({{"git", "git", "1", "/p/git", {}}, {"e", "e", "1", "/p/e", {}}});
  EXPECT_THAT(text, HasSubstr("set -l of_cc_ci '/p/git' '/p/e'\n"));
  EXPECT_THAT(text, HasSubstr("$PATH[1..2])"));
}

TEST(Shells, AreThoseThatPackagesName) {
  const std::vector<Part> parts{
      part("dash", {"usr/bin/dash*", "usr/share/debianutils/shells.d/dash"}),
      part("zsh", {"usr/bin/zsh*"},
           {.control = {{"postinst", "#!/bin/sh\nadd-shell /bin/zsh\nadd-shell /bin/absent\n"}}})};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  EXPECT_THAT(add_shells(*tree, parts),
              testing::ElementsAre("/bin/dash", "/bin/zsh", "/usr/bin/dash"));
}

}  // namespace
}  // namespace ccci::environment
