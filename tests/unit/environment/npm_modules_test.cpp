// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/npm_modules.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

Part of_npm(const std::string& place, std::map<std::string, std::string> commands = {}) {
  Part made = test::part("npm:" + place, {"package.json", "bin/x.js*"});
  made.package.origin = source::Origin::npm;
  made.commands = std::move(commands);
  return made;
}

TEST(NpmModules, OfAProjectComeFirst) {
  EXPECT_EQ(node_path({test::part("git", {"usr/bin/git*"})}), "");
  EXPECT_EQ(node_path({of_npm("a"), of_npm("@s/b/node_modules/c")}),
            "/usr/lib/cc-ci/npm/node_modules");
  EXPECT_EQ(node_path({of_npm("a"), of_npm("./web/node_modules/b/node_modules/c"),
                       of_npm("./node_modules/d")}),
            "/usr/lib/cc-ci/npm/project/node_modules:/usr/lib/cc-ci/npm/project/web/node_modules:"
            "/usr/lib/cc-ci/npm/node_modules");
}

TEST(NpmModules, OfAProjectHaveTheLinksOfNpm) {
  const std::vector<Part> parts{
      of_npm("a", {{"a", "bin/x.js"}}), of_npm("./web/node_modules/@s/b", {{"b", "bin/x.js"}}),
      of_npm("./web/node_modules/c", {{"b", "bin/x.js"}}),
      of_npm("./web/node_modules/c/node_modules/d", {{"d", "bin/x.js"}, {"gone", "bin/y.js"}})};
  Tree tree = Tree::merge(parts).value();
  add_npm_commands(tree, parts);
  const std::string modules = "usr/lib/cc-ci/npm/project/web/node_modules/";
  EXPECT_EQ(tree.find(modules + ".bin/b")->entry.target, "../@s/b/bin/x.js");
  EXPECT_EQ(tree.find(modules + "c/node_modules/.bin/d")->entry.target, "../d/bin/x.js");
  EXPECT_EQ(tree.find(modules + "c/node_modules/.bin/gone"), nullptr);
  EXPECT_EQ(tree.find("usr/lib/cc-ci/npm/node_modules/.bin/a"), nullptr);
}

}  // namespace
}  // namespace ccci::environment
