// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/secret_values.hpp"

#include <gmock/gmock.h>

#include <set>

namespace ccci::run {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

recipe::SecretSpec spec(std::optional<unsigned> length,
                        recipe::Charset charset = recipe::Charset::standard) {
  recipe::SecretSpec secret;
  secret.key = "password";
  secret.length = length;
  secret.charset = charset;
  return secret;
}

TEST(SecretValuesTest, have_the_length_and_the_characters_that_are_asked_for) {
  EXPECT_THAT(generate(spec(32, recipe::Charset::hex)), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(generate(spec(128)), MatchesRegex("[a-zA-Z0-9]{128}"));
  EXPECT_THAT(generate(spec(4000000)).size(), 4096U);
}

TEST(SecretValuesTest, are_words_without_a_length) {
  EXPECT_THAT(generate(spec({})), MatchesRegex("[a-z]{4}(-[a-z]{4}){5}"));
}

TEST(SecretValuesTest, differ_each_time) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(generate(spec({})));
  EXPECT_EQ(seen.size(), 200U);
}

// Every character of the set must come, and none twice as often as another.
TEST(SecretValuesTest, use_all_characters_alike) {
  std::map<char, int> counts;
  for (int i = 0; i < 40; ++i) {
    for (const char c : generate(spec(4000, recipe::Charset::hex))) ++counts[c];
  }
  ASSERT_EQ(counts.size(), 16U);
  for (const auto& [character, count] : counts) {
    EXPECT_GT(count, 9000) << character;
    EXPECT_LT(count, 11000) << character;
  }
}

TEST(SecretValuesTest, take_what_is_given_and_name_what_only_a_person_knows) {
  recipe::SecretSpec given = spec({});
  given.key = "given";
  given.value = "known";
  given.generate = false;
  recipe::SecretSpec unknown = spec({});
  unknown.key = "smtp";
  unknown.generate = false;
  const SecretValues values = values_of({given, unknown, spec(8)});
  EXPECT_EQ(values.values.at("given"), "known");
  EXPECT_EQ(values.values.at("password").size(), 8U);
  EXPECT_THAT(values.missing, ElementsAre("smtp"));
}

TEST(SecretValuesTest, that_nothing_directs_are_deviations) {
  recipe::SecretSpec directed = spec(12);
  directed.env_key = "SECRET_PASSWORD_VERSION";
  recipe::SecretSpec given = spec({});
  given.value = "declared";
  recipe::SecretSpec external = spec({});
  external.name = "smtp_password";
  EXPECT_THAT(made_up({directed, given}), testing::IsEmpty());
  const auto found = made_up({directed, external, given});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key, "secrets");
  EXPECT_THAT(found[0].what, testing::HasSubstr("'smtp_password' is external"));
}

}  // namespace
}  // namespace ccci::run
