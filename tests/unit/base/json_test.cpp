// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/json_reader.hpp"

namespace ccci::base {
namespace {

TEST(Json, ListsOfPairsAreObjectsAndOthersAreArrays) {
  EXPECT_EQ((Json{{"b", 1}, {"a", {"x", "y"}}}).dump(), R"({"b":1,"a":["x","y"]})");
  EXPECT_EQ((Json{{"a", {{"b", {{"c", nullptr}}}}}}).dump(), R"({"a":{"b":{"c":null}}})");
  EXPECT_EQ((Json{1, "two", false}).dump(), R"([1,"two",false])");
  EXPECT_EQ(Json::array({"a", "b"}).dump(), R"(["a","b"])");
  EXPECT_EQ(Json::array({{"a", "b"}}).dump(), R"([["a","b"]])");
  EXPECT_EQ(Json::array().dump(), "[]");
  EXPECT_EQ(Json::object().dump(), "{}");
  EXPECT_EQ(Json().dump(), "null");
}

TEST(Json, ContainersBecomeArraysAndObjects) {
  const std::vector<std::vector<std::string>> words{{"a", "b"}, {}};
  EXPECT_EQ(Json(words).dump(), R"([["a","b"],[]])");
  EXPECT_EQ(Json(std::map<std::string, std::string>{{"b", "1"}, {"a", "2"}}).dump(),
            R"({"a":"2","b":"1"})");
}

TEST(Json, PrintsNumbersAsTheyAre) {
  EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).dump(), "-9223372036854775808");
  EXPECT_EQ(Json(std::numeric_limits<std::uint64_t>::max()).dump(), "18446744073709551615");
  EXPECT_EQ(Json(0.25).dump(), "0.25");
  EXPECT_EQ(Json(2.0).dump(), "2.0");
  for (const char* text : {"-1", "0", "18446744073709551615", "0.1", "1e+78", "true", "\"\""}) {
    EXPECT_EQ(Json::parse(text).value().dump(), text);
  }
}

TEST(Json, IndentsAndReplacesWhatIsNoUtf8) {
  const Json json{{"name", "caf\xc3\xa9 \xff \"\n"}, {"empty", Json::array()}};
  EXPECT_EQ(json.dump(), "{\"name\":\"caf\xc3\xa9 \xef\xbf\xbd \\\"\\n\",\"empty\":[]}");
  EXPECT_EQ(json.dump(1), "{\n \"name\": \"caf\xc3\xa9 \xef\xbf\xbd \\\"\\n\",\n \"empty\": []\n}");
}

TEST(Json, KeepsTheOrderOfMembersAndTheLastOfTwo) {
  const Json json = Json::parse(R"({"z":1,"a":2,"z":3})").value();
  EXPECT_EQ(json.dump(), R"({"z":3,"a":2})");
  EXPECT_NE(json, Json::parse(R"({"a":2,"z":3})").value());
}

TEST(Json, RefusesWhatIsNoJsonOrTooDeep) {
  for (const char* text : {"", "{", "[1,]", "{'a':1}", "[1] 2", "nul", "\"\xff\""}) {
    EXPECT_EQ(Json::parse(text).error(), Json::Fault::not_json) << text;
  }
  EXPECT_EQ(Json::parse(std::string(200'000, '[')).error(), Json::Fault::too_deep);
  EXPECT_TRUE(Json::parse("[[{\"a\":\"[[[[\\\"[\"}]]", 3));
  EXPECT_EQ(Json::parse("[[{\"a\":[]}]]", 3).error(), Json::Fault::too_deep);
}

TEST(Json, WhatIsAbsentReadsAsNull) {
  const Json json{{"list", {1, -2}}, {"text", "x"}, {"yes", true}};
  EXPECT_TRUE(json["no"]["such"][3]["member"].is_null());
  EXPECT_TRUE(json["list"][2].is_null());
  EXPECT_TRUE(json["text"]["x"].is_null());
  EXPECT_EQ(json.find("no"), nullptr);
  EXPECT_EQ(json["text"].text_or_empty(), "x");
  EXPECT_EQ(json["list"].text_or_empty(), "");
  EXPECT_EQ(json["list"][0].number(), 1U);
  EXPECT_EQ(json["list"][1].number(), std::nullopt);
  EXPECT_EQ(json["yes"].boolean(), true);
  EXPECT_EQ(json["text"].boolean(), std::nullopt);
  EXPECT_EQ(json["text"].size(), 0U);
  EXPECT_EQ(json.size(), 3U);
  for (const Json& item : json["text"]) ADD_FAILURE() << item;
}

TEST(Json, BuildsUpInPlace) {
  Json json;
  json["list"].push_back({{"a", 1}});
  json["list"].push_back("b");
  json["list"][1] = "c";
  json.update({{"more", true}, {"list2", json["list"]}});
  EXPECT_EQ(json.dump(), R"({"list":[{"a":1},"c"],"more":true,"list2":[{"a":1},"c"]})");
}

TEST(Json, ComparesNumbersByValue) {
  EXPECT_EQ(Json::parse("3.0").value(), 3);
  EXPECT_EQ(Json::parse("-3").value(), -3);
  EXPECT_NE(Json::parse("3.5").value(), 3);
  EXPECT_NE(Json(-1), Json(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_NE(Json("3"), 3);
  EXPECT_NE(Json(true), 1);
  EXPECT_NE(Json(), 0);
}

TEST(Json, FollowsPointers) {
  const Json json = Json::parse(R"({"a":[{"b":3},7],"":{"x/y":1,"m~n":2},"0":[1]})").value();
  EXPECT_EQ(*json.at_pointer(""), json);
  EXPECT_EQ(*json.at_pointer("/a/0/b"), 3);
  EXPECT_EQ(*json.at_pointer("/a/1"), 7);
  EXPECT_EQ(*json.at_pointer("//x~1y"), 1);
  EXPECT_EQ(*json.at_pointer("//m~0n"), 2);
  EXPECT_EQ(*json.at_pointer("/0/0"), 1);
  for (const char* absent : {"/a/2", "/a/-", "/a/01", "/a/", "/a/x", "/a/99999999999999999999",
                             "/a/0/b/c", "/z", "a", "/a~", "/a~2"}) {
    EXPECT_EQ(json.at_pointer(absent), nullptr) << absent;
  }
  EXPECT_TRUE(Json::is_pointer("/a~0b~1"));
  for (const char* bad : {"a", "/~", "/~2", "/a~"}) EXPECT_FALSE(Json::is_pointer(bad)) << bad;
}

TEST(JsonReader, GivesTheMembersOfAnObject) {
  const Json json = Json::parse(R"({"t":"x","n":3,"y":true,"l":["a"],"m":{"k":"v"}})").value();
  JsonReader reader(json);
  EXPECT_EQ(reader.text("t"), "x");
  EXPECT_EQ(reader.number("n"), 3U);
  EXPECT_TRUE(reader.yes("y"));
  EXPECT_EQ(reader.texts("l"), std::vector<std::string>{"a"});
  EXPECT_EQ(reader.text_map("m").at("k"), "v");
  EXPECT_EQ(reader.array("l").size(), 1U);
  EXPECT_EQ(reader.object("m").size(), 1U);
  EXPECT_TRUE(reader.good());
}

TEST(JsonReader, RemembersTheFirstFault) {
  const Json json = Json::parse(R"({"t":"xyz","n":-3,"l":["a",1]})").value();
  const auto fault = [&](auto read) {
    JsonReader reader(json, 2);
    read(reader);
    reader.number("a later one");
    return reader.fault();
  };
  EXPECT_EQ(fault([](JsonReader& r) { r.text("none"); }), "member 'none' is missing");
  EXPECT_EQ(fault([](JsonReader& r) { r.text("t"); }), "member 't' is invalid");
  EXPECT_EQ(fault([](JsonReader& r) { r.number("n"); }), "member 'n' is invalid");
  EXPECT_EQ(fault([](JsonReader& r) { r.texts("l"); }), "member 'l' is invalid");
  EXPECT_EQ(fault([](JsonReader& r) { r.object("l"); }), "member 'l' is invalid");
  EXPECT_EQ(fault([](JsonReader& r) { r.require(false, "n"); }), "member 'n' is invalid");
  const Json list = Json::array();
  EXPECT_EQ(JsonReader(list).fault(), "it is not a JSON object");
}

}  // namespace
}  // namespace ccci::base
