// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/image.hpp"

#include <gtest/gtest.h>

#include "tests/unit/declare/mistakes.hpp"

namespace ccci::declare {
namespace {

using testing::ElementsAre;

const std::string start = "[runtime]\ntools = [\"git\"]\n";

TEST(Image, HoldsAllThatTheFormatSays) {
  const auto declaration = parse(start + R"([images.web]
tags = ["example.org:5000/a/web:1.0_x", "web:latest"]
tools = ["python3"]
packages = ["python3-yaml"]
essential = false
entrypoint = ["python3", ""]
command = ["-m", "http.server"]
workdir = "/srv"
user = "web"
ports = ["80", "53/udp"]
variables = { A = "b" }
labels = { "org.opencontainers.image.title" = "Web" }
links = { "/bin/sh" = "busybox" }
[images.web.users.web]
id = "1000"
home = "/srv"
[images.web.directories."/data"]
owner = "web"
mode = "02750"
[images.web.directories."/tmp"]
mode = "1777"
[images.web.files."/srv/index.html"]
source = "web/index.html"
[images.other]
)",
                                 "cc-ci.toml");
  ASSERT_TRUE(declaration);
  const Image& image = declaration->images.at("web");
  EXPECT_THAT(image.tags, ElementsAre("example.org:5000/a/web:1.0_x", "web:latest"));
  EXPECT_EQ(image.tools.at(0).text, "python3");
  EXPECT_EQ(image.packages.at(0).text, "python3-yaml");
  EXPECT_FALSE(image.essential);
  EXPECT_THAT(image.entrypoint, ElementsAre("python3", ""));
  EXPECT_THAT(image.ports, ElementsAre("80", "53/udp"));
  EXPECT_EQ(image.links.at("/bin/sh"), "busybox");
  EXPECT_EQ(image.users.at("web"), (ImageUser{1000, "/srv", "/usr/sbin/nologin"}));
  EXPECT_EQ(image.directories.at("/data").mode, 02750U);
  EXPECT_EQ(image.directories.at("/tmp").mode, 01777U);
  EXPECT_EQ(image.files.at("/srv/index.html").mode, 0644U);
  EXPECT_EQ(image.files.at("/srv/index.html").source.text, "web/index.html");
  const Image& other = declaration->images.at("other");
  EXPECT_TRUE(other.essential);
  EXPECT_THAT(other.tags, ElementsAre("other:latest"));
}

std::string code_of(const std::string& table) {
  const auto declaration = parse(start + table, "cc-ci.toml");
  return declaration ? "good" : declaration.error().code;
}

TEST(Image, RefusesWhatNoEngineTakes) {
  for (const char* tag : {"web", "Web:1", "web:", "web:.x", "a//b:1", "host:5000/web", "web:1 2",
                          "a:b/c:1:2", "web@sha256:1"})
    EXPECT_EQ(code_of("[images.w]\ntags = [\"" + std::string(tag) + "\"]\n"), "declare.value")
        << tag;
  for (const char* port : {"0", "65536", "http", "80/icmp", "80/", "-1"})
    EXPECT_EQ(code_of("[images.w]\nports = [\"" + std::string(port) + "\"]\n"), "declare.value")
        << port;
  for (const char* path : {"data", "/", "/a/../b", "/a//b", "/proc/x", "/dev"})
    EXPECT_NE(code_of("[images.w.directories.\"" + std::string(path) + "\"]\n"), "good") << path;
  for (const char* mode : {"755", "0855", "0", "077777", "17777"})
    EXPECT_EQ(code_of("[images.w.directories.\"/d\"]\nmode = \"" + std::string(mode) + "\"\n"),
              "declare.value")
        << mode;
  for (const char* id : {"65000", "007", "x", "-1"})
    EXPECT_EQ(code_of("[images.w.users.u]\nid = \"" + std::string(id) + "\"\n"), "declare.value")
        << id;
  EXPECT_EQ(code_of("[images.w.users.u]\n"), "declare.missing-key");
  EXPECT_EQ(code_of("[images.w.users.u]\nid = \"5\"\nhome = \"/a:b\"\n"), "declare.value");
  EXPECT_EQ(code_of("[images.w.files.\"/f\"]\nsource = \"../x\"\n"), "declare.value");
}

TEST(Image, RefusesOneTagOfTwoImages) {
  EXPECT_EQ(code_of("[images.a]\ntags = [\"x:1\"]\n[images.b]\ntags = [\"x:1\"]\n"),
            "declare.duplicate");
}

TEST(Image, TakesDebianPackagesOnly) {
  const std::string archive = "[packages.abra]\nfile = \"a.tar\"\nsha256 = \"" +
                              std::string(64, '0') + "\"\ncommands = [\"abra\"]\n";
  EXPECT_EQ(code_of(archive + "[images.a]\ntools = [\"abra\"]\n"), "declare.image-archive");
  EXPECT_EQ(code_of("[packages.d]\ndebian = \"docker.io\"\n[images.a]\ntools = [\"d\"]\n"), "good");
}

}  // namespace
}  // namespace ccci::declare
