// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/installed.hpp"

#include <gmock/gmock.h>

namespace ccci::node {
namespace {

using base::Json;

Json entry(const std::string& url) { return Json{{"version", "1.0.0"}, {"resolved", url}}; }

Json file(char digit) {
  return Json{{"file", "cache/x"}, {"sha256", std::string(64, digit)}, {"size", 7}};
}

const std::vector<Wanted> asked{{"a", "", "tool a", "shared", {}}, {"b", "", "tool b", "h1", {}}};

TEST(Installed, HasPlacesReasonsAndSets) {
  Json a = entry("https://example.org/a/-/a-1.0.0.tgz");
  a["dependencies"] = Json{{"@s/c", "^1"}};
  Json b = entry("https://me:secret@example.org/b/-/b-1.0.0.tgz");
  b["dependencies"] = Json{{"@s/c", "^2"}, {"absent", "1"}};
  b["peerDependencies"] = Json{{"a", "1"}};
  Json bundled = Json{{"version", "1.0.0"}, {"inBundle", true}};
  Json packages = Json::object();
  packages["node_modules/a"] = a;
  packages["node_modules/b"] = b;
  packages["node_modules/@s/c"] = entry("https://example.org/c.tgz");
  packages["node_modules/b/node_modules/@s/c"] = entry("https://example.org/c2.tgz");
  packages["node_modules/a/node_modules/inner"] = bundled;
  Json files = Json::object();
  files["node_modules/a"] = file('a');
  files["node_modules/b"] = file('b');
  files["node_modules/@s/c"] = file('c');
  files["node_modules/b/node_modules/@s/c"] = file('d');
  const auto read =
      read_installed(Json{{"tree", {{"packages", packages}}}, {"files", files}}, asked);
  ASSERT_TRUE(read);
  std::map<std::string, source::Package> found;
  for (const Installed& one : *read) found.emplace(one.package.name, one.package);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_THAT(found["npm:a"].because, testing::ElementsAre("package npm:b", "tool a"));
  EXPECT_EQ(found["npm:a"].sets, std::vector<std::string>{"shared"});
  EXPECT_EQ(found["npm:a"].sha256, std::string(64, 'a'));
  EXPECT_EQ(found["npm:b"].sets, std::vector<std::string>{"h1"});
  EXPECT_EQ(found["npm:b"].uri, "https://example.org/b/-/b-1.0.0.tgz");
  // Each needs its own version.
  EXPECT_EQ(found["npm:@s/c"].because, std::vector<std::string>{"package npm:a"});
  EXPECT_EQ(found["npm:b/node_modules/@s/c"].because, std::vector<std::string>{"package npm:b"});
}

TEST(Installed, OnlyPackagesOfARegistryAreLocked) {
  const auto refused = [](const std::string& where, const Json& what, bool known = true) {
    Json packages = Json::object();
    packages[where] = what;
    Json files = Json::object();
    if (known) files[where] = file('a');
    const auto read =
        read_installed(Json{{"tree", {{"packages", packages}}}, {"files", files}}, asked);
    return read ? "" : read.error().code;
  };
  const std::string web = "https://example.org/a.tgz";
  EXPECT_EQ(refused("node_modules/a", entry(web)), "");
  EXPECT_EQ(refused("node_modules/a", entry("git+ssh://git@example.org/a.git#1")),
            "node.not-on-registry");
  EXPECT_EQ(refused("node_modules/a", entry("file:../a")), "node.not-on-registry");
  EXPECT_EQ(refused("node_modules/a", Json{{"version", "1.0.0"}, {"link", true}}),
            "node.not-on-registry");
  EXPECT_EQ(refused("node_modules/a", entry(web), false), "node.not-on-registry");
  EXPECT_EQ(refused("../a", entry(web)), "node.not-on-registry");
  EXPECT_EQ(refused("node_modules/../a", entry(web)), "node.not-on-registry");
}

}  // namespace
}  // namespace ccci::node
