// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/systemd.hpp"

#include <gtest/gtest.h>

namespace ccci::activate {
namespace {

TEST(ReadUnits, ReadsABlockForEachUnitInTheirOrder) {
  const auto units = read_units(
      "Id=real.service\nLoadState=loaded\nActiveState=active\nUser=ci\nMainPID=42\nNRestarts="
      "3\nNeedDaemonReload="
      "yes\n"
      "Environment=A=1 B=2\n\nLoadState=loaded\nActiveState=activating\n"
      "LastTriggerUSecMonotonic=17\nUnknown=x\nno equals sign\n",
      {"a.service", "a.timer", "gone.service"});
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(units[0].name, "a.service");
  EXPECT_EQ(units[0].id, "real.service");
  EXPECT_EQ(units[0].user, "ci");
  EXPECT_EQ(units[0].main_pid, 42);
  EXPECT_EQ(units[0].restarts, 3U);
  EXPECT_TRUE(units[0].needs_reload);
  EXPECT_EQ(units[0].environment, "A=1 B=2") << "only the first '=' ends the key";
  EXPECT_EQ(units[1].last_trigger, "17");
  EXPECT_TRUE(units[1].runs());
  EXPECT_EQ(units[2].name, "gone.service");
  EXPECT_FALSE(units[2].runs());
}

TEST(ReadUnits, ALoadErrorIsItsText) {
  const auto units = read_units(
      "LoadError=org.freedesktop.systemd1.BadUnitSetting \"Unit x has a bad setting.\"\n"
      "ExecStart={ path=/a }\nExecStart={ path=/b }\n",
      {"x"});
  EXPECT_EQ(units[0].load_error, "Unit x has a bad setting.");
  EXPECT_EQ(units[0].exec_start, "{ path=/a }\n{ path=/b }\n");
}

}  // namespace
}  // namespace ccci::activate
