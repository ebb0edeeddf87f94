// SPDX-License-Identifier: GPL-3.0-or-later
// What systemd-analyze says, as systemd 252 and 257 say it.
#include "activate/conditions.hpp"

#include <gtest/gtest.h>

namespace ccci::activate {
namespace {

using Words = std::vector<std::string>;

class Answer final : public base::ProcessRunner {
 public:
  explicit Answer(std::string said, int status = 1) : outcome_{status, "", std::move(said)} {}
  base::Result<base::Outcome> run(const base::Command& command) override {
    EXPECT_EQ(command.argv, (Words{"systemd-analyze", "condition", "--unit=r.service"}));
    return outcome_;
  }

 private:
  base::Outcome outcome_;
};

Words unmet(const std::string& said, bool runs = false, int status = 1) {
  Answer answer(said, status);
  return unmet_conditions(answer, "r.service", runs);
}

TEST(Conditions, NamesWhatIsFalse) {
  EXPECT_EQ(unmet("r.service: AssertPathExists=/a failed.\nAsserts failed.\n"
                  "r.service: ConditionHost=other failed.\nConditions failed.\n"),
            (Words{"AssertPathExists=/a", "ConditionHost=other"}));
  EXPECT_EQ(unmet("r.service: ConditionPathExists=|/a failed.\n"
                  "r.service: ConditionPathExists=|/b succeeded.\nConditions succeeded.\n",
                  false, 0),
            Words{});
  EXPECT_EQ(unmet("r.service: ConditionPathExists=|/a failed.\nConditions failed.\n"),
            Words{"ConditionPathExists=|/a"});
  // Of several, the one with '|' did not decide.
  EXPECT_EQ(unmet("r.service: ConditionPathExists=|/a failed.\n"
                  "r.service: ConditionPathExists=/b failed.\nConditions failed.\n"),
            Words{"ConditionPathExists=/b"});
  EXPECT_EQ(unmet("r.service: ConditionPathExists=|/a failed.\nConditions succeeded.\n"
                  "r.service: AssertPathExists=/b failed.\nAsserts failed.\n"),
            Words{"AssertPathExists=/b"});
  EXPECT_EQ(unmet("Unit r.service not found.\n"), Words{});
}

TEST(Conditions, LeavesOutWhatTheStartItselfMayChange) {
  const auto failed = [](const std::string& one, bool runs) {
    return !unmet("r.service: " + one + " failed.\nConditions failed.\n", runs).empty();
  };
  // The daemon may remove its file when it stops.
  EXPECT_FALSE(failed("ConditionPathExists=!/var/lib/r/lock", true));
  EXPECT_TRUE(failed("ConditionPathExists=!/var/lib/r/lock", false));
  // What starts with it may make it.
  EXPECT_FALSE(failed("ConditionPathExists=/run/other/socket", false));
  EXPECT_TRUE(failed("ConditionPathExists=/run/other/socket", true));
  EXPECT_FALSE(failed("ConditionEnvironment=X", true));
}

TEST(Conditions, ARestartIsRefusedByName) {
  Answer answer("r.service: ConditionHost=other failed.\nConditions failed.\n");
  Observed observed;
  UnitState& unit = observed.units["r.service"];
  unit.name = "r.service";
  unit.load = "loaded";
  unit.active = "active";
  EXPECT_TRUE(require_conditions(answer, {}, observed));
  const auto required = require_conditions(answer, {"r.service"}, observed);
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().code, "activate.condition");
  EXPECT_EQ(required.error().field("condition"), "ConditionHost=other");
}

}  // namespace
}  // namespace ccci::activate
