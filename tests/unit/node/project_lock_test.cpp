// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/project_lock.hpp"

#include <gmock/gmock.h>

namespace ccci::node {
namespace {

using base::Json;
using ::testing::ElementsAre;

declare::Declaration declared(const std::string& lock) {
  declare::Declaration declaration;
  declaration.tools = {{"nodejs", {}}, {"web", {}}, {"deep", {}}};
  for (const char* tool : {"web", "deep"}) {
    declaration.packages[tool] = {
        .name = {tool, {}},
        .from = declare::NpmPackage{"", "", {"web/package-lock.json", {}}, {}},
        .commands = {}};
  }
  declaration.npm.files["web/package-lock.json"] = lock;
  return declaration;
}

std::string lock_with(const Json& packages, int version = 3) {
  return Json{{"lockfileVersion", version}, {"packages", packages}}.dump();
}

Json entry() {
  return Json{{"version", "1.0.0"},
              {"resolved", "https://example.org/a/-/a-1.0.0.tgz"},
              {"integrity", "sha512-AA=="}};
}

std::string refusal(const Json& one, const std::string& place = "node_modules/a", int version = 3) {
  Json packages = Json::object();
  packages[""] = Json{{"name", "web"}};
  packages[place] = one;
  const auto read =
      read_project_lock(declared(lock_with(packages, version)), "web/package-lock.json");
  return read ? "" : read.error().code;
}

TEST(ProjectLock, NamesWhatTheProjectDependsOn) {
  Json packages = Json::object();
  packages[""] = Json{{"dependencies", {{"a", "^1"}}},
                      {"devDependencies", {{"b", "*"}}},
                      {"scripts", {{"postinstall", "evil"}}}};
  packages["node_modules/a"] = entry();
  const auto read = read_project_lock(declared(lock_with(packages)), "web/package-lock.json");
  ASSERT_TRUE(read);
  std::vector<std::string> wanted;
  for (const Wanted& one : read->wanted) wanted.push_back(one.name + " of " + one.because);
  EXPECT_THAT(wanted, ElementsAre("a of tool web", "b of tool web", "web of tool web",
                                  "a of tool deep", "b of tool deep", "deep of tool deep"));
  EXPECT_FALSE(read->description.contains("scripts"));
}

TEST(ProjectLock, NamesAllWorkspacesOnce) {
  Json packages = Json::object();
  packages[""] = Json{{"name", "web"}, {"workspaces", {"packages/*"}}};
  for (const char* name : {"a", "b"}) {
    const std::string directory = std::string("packages/") + name;
    packages[directory] = Json{{"version", "1.0.0"}};
    packages[directory + "/node_modules/deep"] = entry();
    packages[std::string("node_modules/") + name] = Json{{"resolved", directory}, {"link", true}};
  }
  packages["node_modules/good"] = entry();
  const auto read = read_project_lock(declared(lock_with(packages)), "web/package-lock.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "node.workspaces");
  EXPECT_EQ(read.error().field("found"), "packages/a, packages/b");
  EXPECT_TRUE(read.error().also.empty());
  packages["packages/other"] = entry();
  const auto more = read_project_lock(declared(lock_with(packages)), "web/package-lock.json");
  ASSERT_FALSE(more);
  ASSERT_EQ(more.error().also.size(), 1U);
  EXPECT_EQ(more.error().also.front().field("name"), "packages/other");
}

TEST(ProjectLock, RefusesByNameWhatCannotBeLocked) {
  EXPECT_EQ(refusal(entry()), "");
  EXPECT_EQ(refusal(entry(), "node_modules/a", 2), "");
  EXPECT_EQ(refusal(entry(), "node_modules/a", 1), "node.lock-version");
  EXPECT_EQ(refusal(entry(), "node_modules/a", 4), "node.lock-version");
  EXPECT_EQ(refusal(entry(), "packages/a"), "node.not-on-registry");
  EXPECT_EQ(refusal(entry(), "node_modules/../a"), "node.not-on-registry");
  Json one = entry();
  one["link"] = true;
  EXPECT_EQ(refusal(one), "node.not-on-registry");
  for (const char* url : {"git+ssh://git@example.org/a.git", "git://example.org/a.git", "file:../a",
                          "file:a.tgz", "../a"}) {
    one = entry();
    one["resolved"] = url;
    EXPECT_EQ(refusal(one), "node.not-on-registry") << url;
  }
  for (const char* integrity : {"", "md5-AA==", "sha512"}) {
    one = entry();
    one["integrity"] = integrity;
    EXPECT_EQ(refusal(one), "node.no-integrity") << integrity;
  }
  EXPECT_EQ(refusal(Json{{"version", "1.0.0"}, {"inBundle", true}}), "");
  for (const char* text : {"", "[]", "{", "3"}) {
    const auto read = read_project_lock(declared(text), "web/package-lock.json");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "node.lock-form") << text;
  }
}

TEST(ProjectLock, OptionalPackagesForOtherPlatformsAreLocked) {
  Json other = entry();
  other["optional"] = true;
  Json packages = Json::object();
  packages["node_modules/a"] = entry();
  packages["node_modules/b"] = other;
  packages["node_modules/here"] = other;
  Json installed = Json::object();
  installed["node_modules/a"] = entry();
  installed["node_modules/here"] = other;
  EXPECT_THAT(read_elsewhere(Json{{"packages", packages}}, Json{{"packages", installed}},
                             "./web/node_modules/"),
              ElementsAre(lock::Elsewhere{"npm:./web/node_modules/b", "1.0.0", "sha512-AA=="}));
}

}  // namespace
}  // namespace ccci::node
