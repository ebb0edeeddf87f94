// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/fire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/unit_text.hpp"

namespace ccci::witness {
namespace {

TEST(Fire, TheProbeStandsBeforeTheServicesOwnCommand) {
  const auto text = service_drop_in({":\"/store/cc-ci-run\" \"sweep.py\""}, "/state/50%/probe");
  ASSERT_TRUE(text);
  EXPECT_EQ(
      host::settings({"[Service]\nExecStart=/old\n", *text}, "Service", "ExecStart"),
      std::vector<std::string>{":/bin/sh \"/state/50%%/probe\" \"/store/cc-ci-run\" \"sweep.py\""});
}

TEST(Fire, RefusesAServiceWhoseCommandItCannotKeep) {
  EXPECT_FALSE(service_drop_in({}, "/p"));
  EXPECT_FALSE(service_drop_in({"/a", "/b"}, "/p"));
  EXPECT_FALSE(service_drop_in({"@/a b"}, "/p"));
  EXPECT_FALSE(service_drop_in({"-"}, "/p"));
}

TEST(Fire, TheTimerKeepsItsSchedule) {
  EXPECT_EQ(host::settings({"[Timer]\nOnCalendar=daily\n", timer_drop_in()}, "Timer", "OnCalendar"),
            std::vector<std::string>{"daily"});
}

}  // namespace
}  // namespace ccci::witness
