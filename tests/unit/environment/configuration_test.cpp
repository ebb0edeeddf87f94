// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment/finishing.hpp"
#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

Part with_script(const std::string& name, const std::vector<std::string>& lines,
                 const std::string& script) {
  test::PartOptions options;
  options.control = {{"postinst", script}};
  return test::part(name, lines, options);
}

// Of the shape that PHP's packages have.
const std::string enabling =
    "inidir=/etc/php/8.2/mods-available\n"
    "for dsoname in ctype phar; do\n"
    "  inifile=${dsoname}.ini\n"
    "  ucf /usr/share/common/${inifile} ${inidir}/${inifile}\n"
    "  php_invoke enmod 8.2 ALL ${dsoname}\n"
    "done\n";

std::string target(const Tree& tree, const std::string& path) {
  const Node* node = tree.find(path);
  return node == nullptr ? "(none)" : node->entry.target;
}

TEST(Configuration, WhatUcfWouldHaveCopiedIsLinked) {
  const std::vector<Part> parts{
      with_script("a", {"usr/share/common/ctype.ini", "usr/share/common/phar.ini"}, enabling)};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  add_configuration(*tree, parts);
  EXPECT_EQ(target(*tree, "etc/php/8.2/mods-available/ctype.ini"), "/usr/share/common/ctype.ini");
  EXPECT_EQ(target(*tree, "etc/php/8.2/mods-available/phar.ini"), "/usr/share/common/phar.ini");
}

TEST(Configuration, AFileMadeInPassingIsFoundByItsName) {
  const std::vector<Part> parts{
      with_script("r", {"usr/lib/R/etc/Renviron.ucf", "usr/lib/R/etc/Renviron -> /etc/R/Renviron"},
                  "tmp=$(mktemp)\nucf \"$tmp\" /etc/R/Renviron\n")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  const auto added = add_configuration(*tree, parts);
  EXPECT_EQ(target(*tree, "etc/R/Renviron"), "/usr/lib/R/etc/Renviron.ucf");
  EXPECT_EQ(list_scripts(parts, {}, added).front().stands_in, "configuration: /etc/R/Renviron");
}

TEST(Configuration, AScriptThatRunsPutsItsOwnFileInPlace) {
  const std::vector<Part> parts{with_script(
      "r", {"usr/lib/R/etc/Renviron.ucf", "usr/share/r/site"},
      "tmp=$(mktemp)\nucf \"$tmp\" /etc/R/Renviron\nucf /usr/share/r/site /etc/site\n")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  EXPECT_EQ(add_configuration(*tree, parts, {"r"}).at("r"), std::vector<std::string>{"etc/site"});
  EXPECT_EQ(tree->find("etc/R/Renviron"), nullptr);
}

TEST(Configuration, NothingIsOverwrittenNorPutOutsideEtc) {
  const std::vector<Part> parts{with_script(
      "a", {"usr/share/a/a.conf", "usr/share/a/b.conf", "etc/a.conf", "etc/out -> /usr/lib"},
      "ucf /usr/share/a/a.conf /etc/a.conf\n"
      "ucf /usr/share/a/a.conf /usr/lib/a.conf\n"
      "ucf /usr/share/a/a.conf /etc/../usr/b.conf\n"
      "ucf /usr/share/a/b.conf /etc/out/b.conf\n"
      "ucf /usr/share/a/absent /etc/absent\n"
      "ucf --purge /etc/purged\n")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  const std::size_t before = tree->nodes().size();
  add_configuration(*tree, parts);
  EXPECT_EQ(tree->nodes().size(), before);
}

TEST(Configuration, PhpModulesAreEnabledForEveryInterfaceOfTheVersion) {
  const std::vector<Part> parts{
      with_script("a", {"usr/share/common/ctype.ini", "usr/share/common/phar.ini"}, enabling),
      test::part("cli", {"etc/php/8.2/cli/conf.d/", "etc/php/8.2/fpm/conf.d/",
                         "etc/php/8.1/cli/conf.d/"})};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  add_configuration(*tree, parts);
  const std::string files = "etc/php/8.2/mods-available/";
  EXPECT_THAT(
      php_modules(*tree, parts),
      ::testing::ElementsAre(PhpModule{files + "ctype.ini", "ctype", "etc/php/8.2/cli/conf.d"},
                             PhpModule{files + "phar.ini", "phar", "etc/php/8.2/cli/conf.d"},
                             PhpModule{files + "ctype.ini", "ctype", "etc/php/8.2/fpm/conf.d"},
                             PhpModule{files + "phar.ini", "phar", "etc/php/8.2/fpm/conf.d"}));
}

TEST(Configuration, APhpModuleIsLinkedByItsPriority) {
  const PhpModule module{"", "pdo", ""};
  EXPECT_EQ(php_link_name(module, "; x\n; priority=10\nextension=pdo.so\n"), "10-pdo.ini");
  EXPECT_EQ(php_link_name(module, "extension=pdo.so\n"), "20-pdo.ini");
  EXPECT_EQ(php_link_name(module, "; priority=../x\n"), "20-pdo.ini");
}

TEST(Configuration, WhatBecameOfAScriptIsSaid) {
  Part made = test::part("configured", {});
  made.generated = true;
  made.outcome = {{"locales", ""}, {"broken", "it failed"}};
  made.because = {{"locales", "locale-gen"}};
  const std::vector<Part> parts{with_script("locales", {}, "locale-gen\n"),
                                with_script("broken", {}, "false\n"),
                                with_script("plain", {}, "exit 0\n"), made};
  const std::vector<Script> scripts = list_scripts(parts, {});
  ASSERT_EQ(scripts.size(), 3U);
  EXPECT_EQ(scripts[0].stands_in, "run, but it failed");
  EXPECT_EQ(scripts[1].stands_in, "run while the environment was built: locale-gen");
  EXPECT_EQ(scripts[2].stands_in, "changes nothing in a new root");
}

}  // namespace
}  // namespace ccci::environment
