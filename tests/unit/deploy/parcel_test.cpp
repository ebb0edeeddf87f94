// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/parcel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace ccci::deploy {
namespace {

using testing::ElementsAre;

project::Project with_hosts() {
  const std::string text = "[runtime]\ntools = []\n[hosts.a]\n[hosts.b]\n[hosts.c]\n";
  return {"cc-ci.toml", "cc-ci.lock", declare::parse(text, "cc-ci.toml").value()};
}

TEST(HostsMeant, AreNamedOnceInTheOrderOfTheNames) {
  EXPECT_THAT(hosts_meant(with_hosts(), {"c", "a", "c"}, false).value(), ElementsAre("c", "a"));
  EXPECT_THAT(hosts_meant(with_hosts(), {}, true).value(), ElementsAre("a", "b", "c"));
}

TEST(HostsMeant, NobodyIsMeantByNothing) {
  EXPECT_EQ(hosts_meant(with_hosts(), {}, false).error().code, "deploy.no-hosts");
  EXPECT_EQ(hosts_meant(with_hosts(), {"x"}, false).error().code, "cli.unknown-host");
}

TEST(CheckState, RefusesAHomeDirectory) {
  const char* home = getenv("HOME");
  EXPECT_TRUE(check_state("/var/lib/cc-ci"));
  EXPECT_TRUE(check_state("/homes/cc-ci"));
  for (const std::string state : {"/home/u/state", "/root/state"}) {
    EXPECT_EQ(check_state(state).error().code, "deploy.home-state") << state;
  }
  if (home != nullptr && std::string(home).size() > 1) {
    EXPECT_FALSE(check_state(std::string(home) + "/state"));
  }
}

}  // namespace
}  // namespace ccci::deploy
