// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/message.hpp"

#include <gtest/gtest.h>

#include "deploy/frame.hpp"

namespace ccci::deploy {
namespace {

const Hello hello{"cc-ci 0.1.0",        "ci-1",   "/var/lib/cc-ci",     "cc-ci.toml",
                  std::string(32, 'a'), "x-ci-1", std::string(64, 'b'), true};

TEST(Message, EachComesBackAsItWas) {
  EXPECT_EQ(read_hello(write(hello)).value(), hello);
  const Ready ready{"cc-ci 0.1.0", true, {3, 2, "x-ci-1", std::string(64, 'b'), "/srv/ci"}};
  EXPECT_EQ(read_ready(write(ready)).value(), ready);
  const Done done{"x-ci-1", std::string(64, 'b'), "/var/lib/cc-ci/projects/y/tree", true};
  EXPECT_EQ(read_done(write(done)).value(), done);
  base::Error error = base::fail("store.bomb").with("package", "git").with("most", 3);
  error.also = {base::fail("base.open").with("path", "/x")};
  EXPECT_EQ(read_error(write(error)), error);
}

TEST(Message, AHelloOfAStrangerIsNone) {
  for (const char* member :
       {"version", "host", "state", "file", "project", "system", "digest", "dry"}) {
    const base::Json whole = base::Json::parse(write(hello)).value();
    base::Json json = base::Json::object();
    for (const auto& [name, value] : whole.items()) {
      if (name != member) json[name] = value;
    }
    ASSERT_EQ(json.size() + 1, whole.size());
    EXPECT_EQ(read_hello(json.dump()).error().code, "deploy.message") << member;
    json[member] = base::Json::array({1});
    EXPECT_EQ(read_hello(json.dump()).error().code, "deploy.message") << member;
    json[member] = std::string(20'000, 'x');
    EXPECT_EQ(read_hello(json.dump()).error().code, "deploy.message") << member;
  }
  for (const char* file : {"../x", "a/b", "/x", "", ".", ".."}) {
    Hello other = hello;
    other.file = file;
    EXPECT_EQ(read_hello(write(other)).error().code, "deploy.message") << file;
  }
  for (const char* project : {"../../../../../../../../../../x", "", "aa"}) {
    Hello other = hello;
    other.project = project;
    EXPECT_EQ(read_hello(write(other)).error().code, "deploy.message") << project;
  }
  for (const char* text : {"", "[]", "null", "{", "\xff", "{}"}) {
    EXPECT_EQ(read_hello(text).error().code, "deploy.message") << text;
  }
  EXPECT_EQ(read_hello(std::string(60'000, '[')).error().code, "deploy.message");
}

TEST(Message, AnErrorFromThereIsBounded) {
  base::Error error = base::fail("store.bomb").with("text", std::string(100'000, '\xff'));
  for (int i = 0; i < 500; ++i) error.also.push_back(base::fail("base.open").with("n", i));
  const std::string text = write(error);
  EXPECT_LE(text.size(), largest(FrameKind::failed).value());
  EXPECT_LE(read_error(text).also.size(), 100U);
  EXPECT_EQ(read_error("no error").code, "deploy.message");
  EXPECT_EQ(read_error("{\"code\":1}").code, "deploy.message");
  std::string deep = "{\"code\":\"a.b\",\"fields\":{},\"also\":[]}";
  for (int i = 0; i < 200; ++i) {
    deep.insert(0, "{\"code\":\"a.b\",\"fields\":{},\"also\":[");
    deep += "]}";
  }
  EXPECT_EQ(read_error(deep).code, "deploy.message");
}

TEST(Message, WantsAreDigestsAndNotTooMany) {
  const std::vector<std::string> two{std::string(64, 'a'), std::string(64, 'b')};
  EXPECT_EQ(read_wanted(write_wanted(two), 2).value(), two);
  EXPECT_EQ(read_wanted("", 0).value(), std::vector<std::string>{});
  EXPECT_EQ(read_wanted(write_wanted(two), 1).error().code, "deploy.message");
  EXPECT_EQ(read_wanted(write_wanted(two).substr(1), 2).error().code, "deploy.message");
  EXPECT_EQ(read_wanted(std::string(64, 'G') + "\n", 2).error().code, "deploy.message");
  EXPECT_EQ(read_wanted(std::string(65, 'a'), 2).error().code, "deploy.message");
}

TEST(Message, BlobHeads) {
  const BlobHead head{std::string(64, 'a'), 12};
  EXPECT_EQ(read_blob_head(write(head)).value().size, 12U);
  const std::string digest(64, 'a');
  for (const std::string& bad :
       {std::string(), digest, digest + " \n", digest + " 1", digest + " x\n", digest + " -1\n",
        digest + " 1 \n", digest + " 99999999999999999999999\n", std::string(64, '/') + " 1\n"}) {
    EXPECT_EQ(read_blob_head(bad).error().code, "deploy.message") << bad;
  }
}

}  // namespace
}  // namespace ccci::deploy
