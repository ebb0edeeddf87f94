// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ccci::environment {
namespace {

Environment sample() {
  Environment environment;
  environment.address = {store::Kind::environment, std::string(32, 'a'), "shared"};
  environment.set = "shared";
  environment.exposed = {{"git", "git", "1", "/d", {{"git", "/usr/bin/git", "git"}}}};
  environment.variables = {{"A", "b"}};
  environment.places = {"x"};
  environment.bytes = 12;
  environment.entries = 7;
  return environment;
}

TEST(Record, ReadsBackWhatWasWritten) {
  const Environment written = sample();
  const auto read = read_record(write_record(written), written.address);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, written);
}

TEST(Record, AnOlderGenerationsRecordIsStillRead) {
  Environment written = sample();
  std::string text = write_record(written);
  text.replace(text.find("\"schema\": 2"), 11, "\"schema\": 1");
  text.replace(text.find("\"places\""), 8, "\"etc\"");
  const auto read = read_record(text, written.address);
  ASSERT_TRUE(read);
  written.places = {};
  EXPECT_EQ(*read, written);
}

TEST(Record, ADamagedOneIsAnError) {
  const Environment written = sample();
  const std::vector<std::pair<std::string, std::string>> damages{
      {"\"bytes\": 12", "\"bytes\": 1e78"},
      {"\"entries\": 7", "\"entries\": -7"},
      {"\"schema\": 2", "\"schema\": 3"},
      {"\"commands\": [", "\"commands\": [1, "},
      {"\"variables\": {", "\"variables\": {\"B\": 1, "}};
  for (const auto& [from, to] : damages) {
    std::string text = write_record(written);
    ASSERT_NE(text.find(from), std::string::npos) << from;
    const auto read = read_record(text.replace(text.find(from), from.size(), to), written.address);
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().code, "environment.record");
  }
}

}  // namespace
}  // namespace ccci::environment
