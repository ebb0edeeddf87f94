// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/browsers.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;

Part playwright(const std::string& name, const std::string& revision) {
  Part made = part("pypi:" + name, {}, {.origin = source::Origin::pypi});
  made.browsers =
      R"({"browsers": [{"name": "chromium", "revision": ")" + revision +
      R"("}, {"name": "chromium-headless-shell", "revision": ")" + revision +
      R"("}, {"name": "firefox", "revision": "9"}, {"name": "ffmpeg", "revision": "7"}]})";
  return made;
}

Part chromium() {
  return part("chromium",
              {"usr/lib/chromium/chromium*", "usr/lib/chromium/chromium-headless-shell*"});
}

std::string browser_target(const Tree& tree, const std::string& path) {
  const Node* node = tree.find("usr/lib/cc-ci/browsers/" + path);
  return node == nullptr ? "" : node->entry.target;
}

TEST(Browsers, HaveTheNamesAndRevisionsThatPlaywrightLooksFor) {
  const std::vector<Part> parts{chromium(), playwright("playwright", "1255"),
                                playwright("other", "1100")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  std::map<std::string, std::string> variables;
  add_browsers(*tree, parts, variables);
  EXPECT_EQ(browser_target(*tree, "chromium-1255/chrome-linux64/chrome"),
            "/usr/lib/chromium/chromium");
  EXPECT_EQ(browser_target(*tree, "chromium-1100/chrome-linux/chrome"),
            "/usr/lib/chromium/chromium");
  EXPECT_EQ(browser_target(*tree,
                           "chromium_headless_shell-1255/chrome-headless-shell-linux64/"
                           "chrome-headless-shell"),
            "/usr/lib/chromium/chromium-headless-shell");
  EXPECT_EQ(browser_target(*tree, "chromium_headless_shell-1100/chrome-linux/headless_shell"),
            "/usr/lib/chromium/chromium-headless-shell");
  EXPECT_NE(tree->find("usr/lib/cc-ci/browsers/chromium-1255/INSTALLATION_COMPLETE"), nullptr);
  for (const auto& [path, node] : tree->nodes()) {
    EXPECT_EQ(path.find("firefox"), std::string::npos) << path;
    EXPECT_EQ(path.find("ffmpeg"), std::string::npos) << path;  // no package has it
  }
  EXPECT_EQ(variables["PLAYWRIGHT_BROWSERS_PATH"], "/usr/lib/cc-ci/browsers");
}

TEST(Browsers, ChromiumServesWhereASuiteHasNoHeadlessShell) {
  const std::vector<Part> parts{part("chromium", {"usr/lib/chromium/chromium*"}),
                                part("ffmpeg", {"usr/bin/ffmpeg*"}), playwright("playwright", "8")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  std::map<std::string, std::string> variables{{"PLAYWRIGHT_BROWSERS_PATH", "/srv/browsers"}};
  add_browsers(*tree, parts, variables);
  EXPECT_EQ(browser_target(*tree, "chromium_headless_shell-8/chrome-linux/headless_shell"),
            "/usr/lib/chromium/chromium");
  EXPECT_EQ(browser_target(*tree, "ffmpeg-7/ffmpeg-linux"), "/usr/bin/ffmpeg");
  EXPECT_EQ(variables["PLAYWRIGHT_BROWSERS_PATH"], "/srv/browsers");
}

TEST(Browsers, ARevisionIsNoPath) {
  const std::vector<Part> parts{chromium(), playwright("playwright", "../../path/x")};
  auto tree = Tree::merge(parts);
  ASSERT_TRUE(tree);
  std::map<std::string, std::string> variables;
  add_browsers(*tree, parts, variables);
  for (const auto& [path, node] : tree->nodes()) {
    EXPECT_EQ(path.find(".."), std::string::npos) << path;
  }
}

}  // namespace
}  // namespace ccci::environment
