// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/rejection.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::HasSubstr;

base::Error refused(const std::string& kind, const std::string& name, const std::string& problem) {
  return base::fail("engine.refused", base::Condition::refused)
      .with("kind", kind)
      .with("name", name)
      .with("problem", problem);
}

std::string reason(const base::Error& error) {
  const auto outcome = rejection_of(error);
  if (!outcome) return "the machine";
  EXPECT_EQ(outcome->verdict, Verdict::fail);
  return outcome->reason;
}

TEST(RejectionTest, has_the_object_and_the_words_of_the_engine) {
  EXPECT_EQ(reason(refused("network", "demo_net", "invalid subnet 10.0.0.0/99")),
            "the engine refused network 'demo_net': invalid subnet 10.0.0.0/99");
  EXPECT_EQ(reason(base::fail("engine.refused", base::Condition::not_found)
                       .with("problem", "no such plugin")),
            "the engine refused the stack: no such plugin");
}

TEST(RejectionTest, of_an_engine_that_was_too_slow_is_none) {
  EXPECT_EQ(reason(refused("service", "demo_app",
                           "rpc error: code = DeadlineExceeded desc = context deadline exceeded")),
            "the machine");
}

TEST(RejectionTest, of_a_name_says_what_names_may_have) {
  EXPECT_THAT(reason(refused("service", "demo_a.b", "name must be valid as a DNS name component")),
              HasSubstr("component: only letters, digits, '-' and '_'"));
  EXPECT_THAT(reason(refused("secret", "demo_key_", "invalid name, only letters")),
              HasSubstr("a variable at the end of its name has no value"));
}

TEST(RejectionTest, of_an_external_object_has_a_remedy) {
  const auto missing = [](const char* kind) {
    return base::fail("engine.missing", base::Condition::not_found)
        .with("kind", kind)
        .with("name", "key");
  };
  EXPECT_THAT(reason(missing("secret")), HasSubstr("a line SECRET_NAME_VERSION=v1"));
  EXPECT_THAT(reason(missing("network")), HasSubstr("remove `external`"));
}

TEST(RejectionTest, of_a_new_content_wants_a_new_name) {
  EXPECT_THAT(reason(base::fail("engine.content", base::Condition::conflict)
                         .with("kind", "config")
                         .with("name", "demo_conf_v1")),
              HasSubstr("config 'demo_conf_v1' has another content"));
}

TEST(RejectionTest, of_the_machine_is_none_of_the_recipe) {
  EXPECT_EQ(reason(base::fail("engine.silent", base::Condition::silent)), "the machine");
  EXPECT_EQ(reason(base::fail("engine.foreign")), "the machine");
  EXPECT_EQ(reason(refused("service", "demo_app",
                           "connection error: dial unix /run/containerd/containerd.sock")),
            "the machine");
}

}  // namespace
}  // namespace ccci::run
