// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/tree.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Tree, MergesDirectoriesAndKeepsOwners) {
  const auto tree = Tree::merge({part("a", {"usr/bin/x*"}), part("b", {"usr/bin/y*"})});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("usr/bin/x")->part, 0);
  EXPECT_EQ(tree->find("usr/bin/y")->part, 1);
  EXPECT_EQ(tree->find("usr/bin")->entry.type, store::Entry::Type::directory);
}

TEST(Tree, ScriptsSeeWhatIsTheHostsInside) {
  const Part mail = part("postfix", {"var/spool/postfix/", "srv/mail/x", "usr/bin/y*"});
  const auto inside = Tree::merge({mail});
  const auto whole = Tree::merge({mail}, Extent::whole);
  ASSERT_TRUE(inside);
  ASSERT_TRUE(whole);
  EXPECT_EQ(inside->find("var/spool/postfix"), nullptr);
  EXPECT_THAT(inside->left_out(), ElementsAre("postfix: srv/mail/x"));
  EXPECT_NE(whole->find("var/spool/postfix"), nullptr);
  EXPECT_NE(whole->find("srv/mail/x"), nullptr);
}

TEST(Tree, NamesEveryCollisionWithBothOwners) {
  const auto tree = Tree::merge(
      {part("a", {"usr/bin/x*", "usr/bin/y*"}), part("b", {"usr/bin/x*", "usr/bin/y*"})});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, "environment.collision");
  EXPECT_EQ(tree.error().field("path"), "/usr/bin/x");
  EXPECT_EQ(tree.error().field("first"), "a 1.0");
  EXPECT_EQ(tree.error().field("second"), "b 1.0");
  ASSERT_THAT(tree.error().also, SizeIs(1));
  EXPECT_EQ(tree.error().also[0].field("path"), "/usr/bin/y");
}

TEST(Tree, ReplacesDecidesInEitherOrder) {
  const Part plain = part("old", {"usr/bin/x*"});
  const Part winner =
      part("new", {"usr/bin/x*"},
           {.control = {{"control", "Package: new\nReplaces: other,\n old (<< 2)\n"}}});
  const auto first = Tree::merge({plain, winner});
  const auto second = Tree::merge({winner, plain});
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->find("usr/bin/x")->part, 1);
  EXPECT_EQ(second->find("usr/bin/x")->part, 0);
}

TEST(Tree, ADiversionMovesTheOthersFile) {
  const Part diverter = part("new", {"usr/bin/x*"},
                             {.control = {{"preinst",
                                           "dpkg-divert --package new --add --rename "
                                           "--divert /usr/bin/x.old /usr/bin/x\n"}}});
  const auto tree = Tree::merge({part("old", {"usr/bin/x*"}), diverter});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("usr/bin/x")->part, 1);
  EXPECT_EQ(tree->find("usr/bin/x.old")->part, 0);
  EXPECT_EQ(tree->find("usr/bin/x.old")->path_in_part, "usr/bin/x");
}

TEST(Tree, DiversionsAreReadInEveryForm) {
  for (const char* call : {"add() { dpkg-divert --package new --add --rename --divert \"$1.old\" "
                           "\"$1\"; }\nadd /usr/bin/x\n",
                           "dpkg-divert --add --divert=/usr/bin/x.old --package=new /usr/bin/x\n",
                           "dpkg-divert /usr/bin/x --package new --rename --divert /usr/bin/x.old "
                           "> /dev/null 2>&1\n"}) {
    const auto tree = Tree::merge({part("old", {"usr/bin/x*"}),
                                   part("new", {"usr/bin/x*"}, {.control = {{"preinst", call}}})});
    ASSERT_TRUE(tree) << call;
    EXPECT_EQ(tree->find("usr/bin/x")->part, 1) << call;
    ASSERT_NE(tree->find("usr/bin/x.old"), nullptr) << call;
    EXPECT_EQ(tree->find("usr/bin/x.old")->part, 0) << call;
  }
  const auto plain = Tree::merge(
      {part("old", {"usr/bin/x*"}),
       part("new", {"usr/bin/x*"}, {.control = {{"preinst", "dpkg-divert --add /usr/bin/x\n"}}})});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->find("usr/bin/x.distrib")->part, 0);
}

TEST(Tree, ALinkWhereAnotherHasADirectoryCollides) {
  const auto tree = Tree::merge({part("a", {"usr/share/x -> y"}), part("b", {"usr/share/x/f"})});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().field("path"), "/usr/share/x");
}

TEST(Tree, LeavesOutWhatOnlyDescribesAPackage) {
  std::vector<Part> parts{part("a", {"usr/share/doc/a/copyright", "usr/share/doc-base/a",
                                     "usr/share/lintian/overrides/a", "usr/share/bug/a",
                                     "usr/share/menu/a", "usr/share/document", "usr/share/man/a"}),
                          part("b", {"usr/share/doc/a -> b"})};
  for (Part& one : parts) one.package.because = {"package of a tool"};
  const auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree) << "what is left out cannot collide";
  EXPECT_EQ(tree->find("usr/share/doc"), nullptr);
  EXPECT_EQ(tree->find("usr/share/doc-base"), nullptr);
  EXPECT_EQ(tree->find("usr/share/lintian/overrides"), nullptr);
  EXPECT_EQ(tree->find("usr/share/bug"), nullptr);
  EXPECT_EQ(tree->find("usr/share/menu"), nullptr);
  EXPECT_NE(tree->find("usr/share/document"), nullptr);
  EXPECT_NE(tree->find("usr/share/man/a"), nullptr);
  EXPECT_TRUE(tree->left_out().empty()) << "a rule needs no list";
}

TEST(Tree, HasWhatPackagesPutOutsideUsr) {
  const auto tree = Tree::merge(
      {part("chrome", {"opt/google/chrome*", "var/lib/x/y", "var/cache/z", "etc/chrome/policy"})});
  ASSERT_TRUE(tree);
  for (const char* path :
       {"opt/google/chrome", "var/lib/x/y", "var/cache/z", "etc/chrome/policy"}) {
    EXPECT_NE(tree->find(path), nullptr) << path;
  }
  EXPECT_THAT(tree->left_out(), testing::IsEmpty());
}

TEST(Tree, LeavesOutTheHostsDirectoriesAndSaysSo) {
  const auto tree = Tree::merge({part("web", {"srv/www/index.html", "usr/bin/web*"})});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("srv/www/index.html"), nullptr);
  EXPECT_THAT(tree->left_out(), ElementsAre("web: srv/www/index.html"));
}

TEST(Tree, WhatScriptsMadeReplacesWhatPackagesContain) {
  Part made = part("configured", {"etc/a", "var/lib/new/x", "usr/link/below"});
  made.generated = true;
  made.removed = {"usr/share/gone"};
  const auto tree = Tree::merge(
      {part("a", {"etc/a", "usr/share/gone/x", "usr/share/stays", "usr/link -> /etc"}), made});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("etc/a")->part, 1);
  EXPECT_EQ(tree->find("usr/share/gone/x"), nullptr);
  EXPECT_NE(tree->find("usr/share/stays"), nullptr);
  EXPECT_NE(tree->find("var/lib/new/x"), nullptr);
  EXPECT_EQ(tree->find("usr/link/below"), nullptr) << "nothing is written through a link";
}

TEST(Tree, ResolvesLinksAsAProcessInsideWould) {
  const auto tree = Tree::merge(
      {part("a", {"usr/bin/sh -> dash", "usr/bin/dash*", "usr/bin/awk -> /etc/alternatives/awk",
                  "etc/alternatives/awk -> /bin/mawk", "usr/bin/mawk*", "usr/lib/x -> ../bin",
                  "usr/bin/loop -> loop", "usr/bin/gone -> /opt/gone"})});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->resolve("usr/bin/sh"), tree->find("usr/bin/dash"));
  EXPECT_EQ(tree->resolve("usr/bin/awk"), tree->find("usr/bin/mawk"));
  EXPECT_EQ(tree->resolve("usr/lib/x/dash"), tree->find("usr/bin/dash"));
  EXPECT_EQ(tree->resolve("usr/bin/loop"), nullptr);
  EXPECT_EQ(tree->resolve("usr/bin/gone"), nullptr);
  EXPECT_TRUE(tree->is_program("usr/bin/awk"));
  EXPECT_FALSE(tree->is_program("usr/bin"));
}

TEST(Tree, PutsAPinnedArchiveIntoADirectoryOfItsOwn) {
  const auto tree =
      Tree::merge({part("abra", {"abra*", "bin/x*"}, {.origin = source::Origin::archive})});
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->is_program("usr/lib/cc-ci/packages/abra/abra"));
  EXPECT_TRUE(tree->is_program("usr/lib/cc-ci/packages/abra/bin/x"));
}

TEST(Tree, KeepsDocumentationOfADeclaredPackageAndLintiansPrograms) {
  Part manual = test::part("manual", {"usr/share/doc/manual/index.html", "usr/share/bug/manual"});
  const Part lintian = test::part(
      "lintian", {"usr/share/lintian/commands/lintian*", "usr/share/lintian/overrides/lintian"});
  manual.package.because = {"package other"};
  const auto plain = Tree::merge({manual, lintian});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->find("usr/share/doc/manual/index.html"), nullptr);
  EXPECT_NE(plain->find("usr/share/lintian/commands/lintian"), nullptr);
  EXPECT_EQ(plain->find("usr/share/lintian/overrides/lintian"), nullptr);
  manual.package.because = {"library manual", "package other"};
  const auto declared = Tree::merge({manual, lintian});
  ASSERT_TRUE(declared);
  EXPECT_NE(declared->find("usr/share/doc/manual/index.html"), nullptr);
  EXPECT_NE(declared->find("usr/share/bug/manual"), nullptr);
  manual.package.because = {"tool manual"};
  const auto tool = Tree::merge({manual, lintian});
  ASSERT_TRUE(tool);
  EXPECT_NE(tool->find("usr/share/doc/manual/index.html"), nullptr) << "examples, tests";
  EXPECT_EQ(tool->find("usr/share/bug/manual"), nullptr);
}

TEST(Tree, OnlyCcCiHasFilesInItsDirectory) {
  for (const char* file : {"usr/lib/cc-ci/path/jq/sneak*", "usr/lib/cc-ci/environment",
                           "usr/lib/cc-ci/path -> /srv", "etc/.cc-ci/host/"}) {
    const auto tree = Tree::merge({part("a", {file})});
    ASSERT_FALSE(tree) << file;
    EXPECT_EQ(tree.error().code, "environment.reserved");
    EXPECT_EQ(tree.error().field("package"), "a");
  }
  EXPECT_TRUE(Tree::merge({part("cc-ci", {"usr/lib/cc-ci/cc-ci-enter*"})}));
}

TEST(Tree, KnowsWhereAProcessInsideWouldMakeAPath) {
  const auto tree =
      Tree::merge({part("a", {"usr/share/real/x", "usr/share/within -> real",
                              "usr/share/out -> /srv/data", "usr/share/up -> ../../../../srv",
                              "usr/share/top -> /usr/share/real", "usr/share/file"})});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->place_of("usr/share/new/deep/y"), "usr/share/new/deep/y");
  EXPECT_EQ(tree->place_of("usr/share/within/y"), "usr/share/real/y");
  EXPECT_EQ(tree->place_of("usr/share/top/y"), "usr/share/real/y");
  EXPECT_EQ(tree->place_of("usr/share/within"), "usr/share/within") << "the link itself";
  for (const char* path : {"usr/share/out/y", "usr/share/up/y", "usr/share/file/y", "srv/y", "y"}) {
    EXPECT_EQ(tree->place_of(path), "") << path;
  }
}

TEST(Tree, WhatWasAddedLiesBelowDirectories) {
  const std::vector<Part> parts{part("a", {"usr/share/out -> /srv", "usr/share/name/x"})};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->require_directories(parts));
  Tree below_link = *tree;
  below_link.add_file("usr/share/out/y");
  const auto refused = below_link.require_directories(parts);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "environment.below-link");
  EXPECT_EQ(refused.error().field("path"), "/usr/share/out/y");
  EXPECT_EQ(refused.error().field("package"), "a");
  tree->add_link("usr/share/name", "/srv");  // in place of a directory with content
  EXPECT_FALSE(tree->require_directories(parts));
}

}  // namespace
}  // namespace ccci::environment
