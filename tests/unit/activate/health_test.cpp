// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/health.hpp"

#include <gmock/gmock.h>

#include "tests/support/scripted_systemd.hpp"

namespace ccci::activate {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Hands final : public base::Clock {
 public:
  Time now() override { return now_; }
  void turn(std::chrono::milliseconds time) { now_ += time; }

 private:
  Time now_{};
};

class HealthTest : public testing::Test {
 protected:
  // What each complaint says, and how long it took.
  std::vector<std::string> check(std::vector<std::string> units,
                                 std::vector<std::vector<std::string>> commands = {}) {
    HealthQuestion asked;
    asked.units = std::move(units);
    asked.commands = std::move(commands);
    asked.invocations = before_;
    asked.attached = attached_;
    asked.environment_of = [this](int) { return lives_in_; };
    const auto complaints = check_health(edges_, asked);
    std::vector<std::string> list;
    for (const Complaint& complaint : *complaints) {
      list.push_back(complaint.subject + ": " + complaint.found);
    }
    return list;
  }
  std::chrono::milliseconds taken() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() -
                                                                 base::Clock::Time{});
  }

  Hands clock_;
  test::ScriptedSystemd systemd_;
  std::map<std::string, std::string> before_;
  std::map<std::string, std::string> attached_;
  std::optional<std::string> lives_in_ = "";
  Edges edges_{systemd_, base::real_processes(), clock_,
               [this](std::chrono::milliseconds time) { clock_.turn(time); }, base::silent()};
};

TEST_F(HealthTest, UntouchedServiceNeedsNoTime) {
  systemd_.unit("a.service").invocation = "i";
  before_["a.service"] = "i";
  EXPECT_THAT(check({"a.service"}), IsEmpty());
  EXPECT_EQ(taken(), 0ms);
}

TEST_F(HealthTest, FreshServiceMustStayActive) {
  systemd_.unit("a.service").invocation = "new";
  before_["a.service"] = "old";
  EXPECT_THAT(check({"a.service"}), IsEmpty());
  EXPECT_GE(taken(), 5s);
  EXPECT_LT(taken(), 6s);
}

TEST_F(HealthTest, WhatFailedEndsTheWaiting) {
  activate::UnitState& unit = systemd_.unit("a.service", "failed");
  unit.result = "exit-code";
  unit.exit_status = 217;
  EXPECT_THAT(check({"a.service"}), ElementsAre("a.service: failed: exit-code, status 217"));
  EXPECT_EQ(taken(), 0ms);
}

TEST_F(HealthTest, WhatCannotLoadEndsTheWaiting) {
  systemd_.unit("masked.service").load = "masked";
  systemd_.unit("bad.service").load = "bad-setting";
  systemd_.units["bad.service"].load_error = "Unit has a bad unit file setting.";
  EXPECT_THAT(check({"bad.service", "masked.service", "none.service"}),
              ElementsAre("bad.service: bad-setting: Unit has a bad unit file setting.",
                          "masked.service: masked", "none.service: not found"));
  EXPECT_EQ(taken(), 0ms);
}

TEST_F(HealthTest, HangingInActivatingIsToldAtTheDeadline) {
  systemd_.unit("a.service", "activating").sub = "start";
  EXPECT_THAT(check({"a.service"}), ElementsAre("a.service: activating (start)"));
  EXPECT_EQ(taken(), 60s);
}

TEST_F(HealthTest, ServiceThatComesLateIsGood) {
  systemd_.unit("a.service", "activating");
  systemd_.before_show = [&] {
    if (taken() >= 20s) systemd_.unit("a.service");
  };
  EXPECT_THAT(check({"a.service"}), IsEmpty());
  EXPECT_GE(taken(), 25s);
}

TEST_F(HealthTest, FlappingEndsTheWaiting) {
  unsigned looks = 0;
  systemd_.unit("a.service");
  systemd_.before_show = [&] {
    UnitState& unit = systemd_.unit("a.service", ++looks % 4 < 2 ? "active" : "activating");
    unit.restarts = looks / 4;
    unit.invocation = std::to_string(looks / 4);
  };
  EXPECT_THAT(check({"a.service"}), ElementsAre("a.service: flapping: started 5 times"));
  EXPECT_LT(taken(), 10s);
}

TEST_F(HealthTest, SlowFlappingIsToldAtTheDeadline) {
  systemd_.unit("a.service");
  systemd_.before_show = [&] {
    const auto piece = static_cast<unsigned>(taken() / 25s);
    systemd_.unit("a.service", taken() % 25s < 4s ? "active" : "activating").sub = "auto-restart";
    systemd_.units["a.service"].restarts = piece;
    systemd_.units["a.service"].invocation = std::to_string(piece);
  };
  EXPECT_THAT(check({"a.service"}),
              ElementsAre("a.service: activating (auto-restart), started 3 times"));
}

TEST_F(HealthTest, TimerNeedsNoTime) {
  systemd_.unit("n.timer").sub = "waiting";
  EXPECT_THAT(check({"n.timer"}), IsEmpty());
  EXPECT_EQ(taken(), 0ms);
}

// A runner ends its job before it stops. Its unit says how long that may take.
TEST_F(HealthTest, AServiceMayTakeAsLongToStopAsItsUnitSays) {
  UnitState& unit = systemd_.unit("a.service", "deactivating");
  unit.stop_limit = "1h";
  systemd_.before_show = [&] {
    if (taken() > 30min) systemd_.unit("a.service");
  };
  EXPECT_THAT(check({"a.service"}), IsEmpty());
  EXPECT_GT(taken(), 30min);
}

TEST_F(HealthTest, AServiceThatStopsTooLongIsTold) {
  systemd_.unit("a.service", "deactivating").stop_limit = "1min 30s";
  systemd_.unit("a.service", "deactivating").sub = "stop-sigterm";
  EXPECT_THAT(check({"a.service"}), ElementsAre("a.service: deactivating (stop-sigterm)"));
  EXPECT_GT(taken(), 90s);
  EXPECT_LT(taken(), 4min);
}

TEST_F(HealthTest, WhatSystemdCannotStartEndsTheWaiting) {
  UnitState& unit = systemd_.unit("a.service", "activating");
  unit.sub = "auto-restart";
  unit.exit_status = 203;
  EXPECT_THAT(check({"a.service"}),
              ElementsAre("a.service: cannot start: its program cannot be executed (203/EXEC)"));
  EXPECT_EQ(taken(), 0ms);
}

TEST_F(HealthTest, CommandsAreAskedAndHeard) {
  EXPECT_THAT(check({}, {{"true"}}), IsEmpty());
  EXPECT_THAT(check({}, {{"sh", "-c", "exit 4"}, {"true"}}),
              ElementsAre("command 'sh -c exit 4': status 4"));
  EXPECT_THAT(
      check({}, {{"/nonexistent/program"}}),
      ElementsAre("command '/nonexistent/program': cannot be run: no such file or directory"));
}

TEST_F(HealthTest, InterruptionEndsTheWaiting) {
  systemd_.unit("a.service", "activating");
  edges_.interrupted = [&] { return taken() >= 3s; };
  EXPECT_THAT(check({"a.service"}), ElementsAre(testing::StartsWith("a.service: activating")));
  EXPECT_LT(taken(), 4s);
}

TEST(Units, BlocksAreReadInOrder) {
  const auto units = read_units(
      "LoadState=loaded\nActiveState=active\nMainPID=12\nNRestarts=3\nNeedDaemonReload=yes\n"
      "ExecStart={ path=/a ; argv[]=/a x=y }\nExecStart={ path=/b }\n\n"
      "LoadState=not-found\nLoadError=org.freedesktop.systemd1.NoSuchUnit \"Unit b not found.\"\n",
      {"a.service", "b.service", "c.service"});
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(units[0].main_pid, 12);
  EXPECT_EQ(units[0].restarts, 3U);
  EXPECT_TRUE(units[0].needs_reload);
  EXPECT_EQ(units[0].exec_start, "{ path=/a ; argv[]=/a x=y }\n{ path=/b }\n");
  EXPECT_EQ(units[1].name, "b.service");
  EXPECT_EQ(units[1].load_error, "Unit b not found.");
  EXPECT_EQ(units[2].load, "");
}

TEST_F(HealthTest, RunnerThatLivesElsewhereIsNotWhatWasSwitchedTo) {
  systemd_.unit("a.service").main_pid = 7;
  attached_["a.service"] = std::string(32, 'b');
  EXPECT_THAT(check({"a.service"}),
              ElementsAre("a.service: its process 7 lives in the host's own /usr, expected "
                          "environment bbbbbbbbbbbb; cc-ci doctor says why"));
  EXPECT_GE(taken(), 5s) << "systemd's own child needs a moment to get there";
  lives_in_ = std::string(32, 'b');
  EXPECT_THAT(check({"a.service"}), IsEmpty());
  lives_in_.reset();
  EXPECT_THAT(check({"a.service"}), IsEmpty()) << "what is gone tells nothing";
}

}  // namespace
}  // namespace ccci::activate
