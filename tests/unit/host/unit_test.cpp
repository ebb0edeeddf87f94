// SPDX-License-Identifier: GPL-3.0-or-later
// What is written into units, read back by this program and by systemd itself.
#include "host/unit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "host/attachment.hpp"
#include "host/unit_text.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What a person may write into exec, and a unit must not take for its own syntax.
const std::vector<std::string> hostile{
    "cc-ci-run",           "runner/sweep.py",       "a b", "",  "%h %%i 100%", "$HOME ${HOME} $$",
    "\"double\" 'single'", "back\\slash\\n\\x41\\", ";",   "#", "ä\xC2\xA0ü",  "-x",
    "[Service]",           "ExecStart=/bin/sh"};

declare::Timer timer() {
  return {
      .name = {"nightly-sweep", {}}, .schedule = "Sun *-*-* 03:00 Europe/Berlin", .exec = hostile};
}

environment::Environment sample_environment() {
  environment::Environment environment;
  environment.address.hash = "0123456789abcdef0123456789abcdef";
  environment.root = "/state/store/environment/0123-shared/root";
  environment.exposed = {{"bash", "bash", "5", "/usr/lib/cc-ci/path/bash", {}},
                         {"git", "git", "2", "/usr/lib/cc-ci/path/git", {}}};
  environment.variables = {{"FREE", "50% of \"$HOME\"\\"}};
  environment.places = {"opt/vendor", "var/lib/dpkg"};
  return environment;
}

// One of each kind.
std::vector<declare::Runner> runners() {
  std::vector<declare::Runner> all;
  for (const declare::RunnerKind& kind : declare::runner_kinds()) {
    const std::string name(kind.name);
    all.push_back({{name, {}},
                   name,
                   kind.unit.empty() ? "my-" + name + "@1.service" : "",
                   std::string(kind.program),
                   {}});
  }
  return all;
}

std::vector<UnitFile> units_of(const declare::Timer& timer, const std::string& entrypoint) {
  return timer_units(timer, {{"cc-ci-run", entrypoint}}, sample_environment());
}

std::string text_of(const std::vector<UnitFile>& units, const std::string& path) {
  for (const UnitFile& unit : units) {
    if (unit.path == path) return unit.content;
  }
  ADD_FAILURE() << path << " is not among the units";
  return {};
}

TEST(Unit, NotifyLooksAtTheHostOnItsSchedule) {
  EXPECT_TRUE(notify_units({}).empty());
  const auto units = notify_units({{"/usr/local/bin/tell"}, "*:0/15"});
  EXPECT_THAT(settings({text_of(units, "cc-ci-notify.service")}, "Service", "ExecStart"),
              ElementsAre(":/usr/bin/env cc-ci -q status --notify"));
  // The program that a deployment brought comes first.
  EXPECT_THAT(settings({text_of(units, "cc-ci-notify.service")}, "Service", "Environment"),
              ElementsAre(testing::StartsWith("PATH=/usr/local/lib/cc-ci/program/bin:/usr/")));
  EXPECT_THAT(settings({text_of(units, "cc-ci-notify.timer")}, "Timer", "OnCalendar"),
              ElementsAre("*:0/15"));
}

TEST(Unit, ASweepRunsOnItsSchedule) {
  EXPECT_TRUE(sweep_units({}).empty());
  const auto units = sweep_units({.schedule = "03:00"});
  const std::string service = text_of(units, "cc-ci-sweep.service");
  EXPECT_THAT(settings({service}, "Service", "ExecStart"),
              ElementsAre(":/usr/bin/env cc-ci sweep"));
  EXPECT_THAT(settings({service}, "Service", "Environment"),
              ElementsAre(testing::StartsWith("PATH=/usr/local/lib/cc-ci/program/bin:/usr/")));
  // Engines need capabilities that jobs lose.
  EXPECT_THAT(settings({service}, "Service", "CapabilityBoundingSet"), ElementsAre());
  EXPECT_THAT(settings({text_of(units, "cc-ci-sweep.timer")}, "Timer", "OnCalendar"),
              ElementsAre("03:00"));
}

TEST(Unit, SecretsAreNamedByTheirPathsOnly) {
  declare::Timer with = timer();
  with.environment_files = {"/etc/ci/t.env"};
  with.credentials = {{"token", "/etc/ci/token"}};
  const std::string text = text_of(units_of(with, "/e/cc-ci-run"), "nightly-sweep.service");
  EXPECT_THAT(settings({text}, "Service", "EnvironmentFile"), ElementsAre("/etc/ci/t.env"));
  EXPECT_THAT(settings({text}, "Service", "LoadCredential"), ElementsAre("token:/etc/ci/token"));
}

TEST(Unit, ATimerExecutesTheEntrypointWithItsArgumentsAsTheyStand) {
  const std::string entrypoint = "/st 100%/$x\"y\\/cc-ci-run";
  const auto units = units_of(timer(), entrypoint);
  const auto commands = settings({text_of(units, "nightly-sweep.service")}, "Service", "ExecStart");
  ASSERT_EQ(commands.size(), 1U);
  ASSERT_TRUE(commands[0].starts_with(":\"/"));
  auto words = unit_words(commands[0].substr(1));
  ASSERT_TRUE(words);
  std::vector<std::string> expected = hostile;
  expected[0] = entrypoint;
  EXPECT_EQ(*words, expected);
  const std::vector<std::string> schedule{text_of(units, "nightly-sweep.timer")};
  EXPECT_THAT(settings(schedule, "Timer", "OnCalendar"),
              ElementsAre("Sun *-*-* 03:00 Europe/Berlin"));
  EXPECT_THAT(settings(schedule, "Timer", "Persistent"), ElementsAre("true"));
  EXPECT_THAT(settings(schedule, "Install", "WantedBy"), ElementsAre("timers.target"));
}

TEST(Unit, ADropInComesAfterItsUnitAndMayClearIt) {
  const std::string unit =
      "[Service]\nExecStart=/a \\\n# in between\n  b\n[Install]\nExecStart=/c\n";
  EXPECT_THAT(settings({unit}, "Service", "ExecStart"), ElementsAre("/a  b"));
  EXPECT_THAT(settings({unit, "[Service]\nExecStart=/d\n"}, "Service", "ExecStart"),
              ElementsAre("/a  b", "/d"));
  EXPECT_THAT(settings({unit, "[Service]\nExecStart=\nExecStart = /d\n"}, "Service", "ExecStart"),
              ElementsAre("/d"));
}

TEST(Unit, WordsThatAreKnownOnlyWhereTheyRunAreRefused) {
  for (const char* value : {"/a %h", "/a \"b", "/a \\n", "/a %", "/a \\"}) {
    const auto words = unit_words(value);
    ASSERT_FALSE(words) << value;
    EXPECT_EQ(words.error().code, "host.unit");
  }
}

TEST(Unit, ATimerRunsWhereAndAsWhoIsDeclared) {
  declare::Timer plain = timer();
  const std::string entrypoint = "/st 100%/cc-ci-run";
  const auto setting = [&](const char* key, const char* section = "Service") {
    return settings({text_of(units_of(plain, entrypoint), "nightly-sweep.service")}, section, key);
  };
  EXPECT_THAT(setting("WorkingDirectory"), ElementsAre("/usr/local/lib/cc-ci/current/project"));
  EXPECT_THAT(setting("User"), ElementsAre("root"));
  EXPECT_THAT(setting("StartLimitIntervalSec", "Unit"), ElementsAre("0"));
  EXPECT_THAT(setting("BindReadOnlyPaths"), ElementsAre()) << "the launcher mounts for root";
  EXPECT_THAT(setting("RequiresMountsFor", "Unit"), ElementsAre("\"/st 100%%/cc-ci-run\""));
  EXPECT_THAT(setting("StateDirectory"), ElementsAre("cc-ci-jobs/nightly-sweep"));
  plain.directory = "/srv/100% \"x\"";
  plain.user = "ci";
  EXPECT_THAT(setting("WorkingDirectory"), ElementsAre("/srv/100%% \"x\""));
  EXPECT_THAT(setting("User"), ElementsAre("ci"));
  EXPECT_THAT(setting("BindReadOnlyPaths"), testing::SizeIs(6U)) << "as a runner";
  EXPECT_THAT(setting("RequiresMountsFor", "Unit"),
              ElementsAre("\"/st 100%%/cc-ci-run\" \"/srv/100%% \\\"x\\\"\""));
}

TEST(Unit, ATimerThatFailsTells) {
  declare::Timer told = timer();
  EXPECT_EQ(units_of(told, "/e").size(), 2U);
  told.timeout = std::chrono::hours(3);
  told.on_failure = {"/usr/local/bin/tell us", "$x", "100%"};
  const auto units = units_of(told, "/e");
  ASSERT_EQ(units.size(), 3U);
  const std::vector<std::string> service{text_of(units, "nightly-sweep.service")};
  EXPECT_THAT(settings(service, "Unit", "OnFailure"), ElementsAre("nightly-sweep-failed.service"));
  EXPECT_THAT(settings(service, "Service", "TimeoutStartSec"), ElementsAre("10800s"));
  const auto command =
      settings({text_of(units, "nightly-sweep-failed.service")}, "Service", "ExecStart");
  ASSERT_EQ(command.size(), 1U);
  ASSERT_TRUE(command[0].starts_with(":/bin/sh -c "));
  const auto words = unit_words(command[0].substr(1));
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("/bin/sh", "-c", HasSubstr("\"$@\""), "nightly-sweep.service",
                                  "/usr/local/bin/tell us", "$x", "100%"));
  told.on_failure = {"cc-ci-run", "x"};
  EXPECT_THAT(text_of(units_of(told, "/e"), "nightly-sweep-failed.service"), HasSubstr("\"/e\""));
}

TEST(Unit, AFrequentTimerIsNotDelayed) {
  declare::Timer often = timer();
  const auto setting = [&](const char* key) {
    return settings({text_of(units_of(often, "/e"), "nightly-sweep.timer")}, "Timer", key);
  };
  EXPECT_THAT(setting("RandomizedDelaySec"), ElementsAre("60"));
  EXPECT_THAT(setting("AccuracySec"), ElementsAre("1s"));
  often.schedule = "*:*:0/20";
  EXPECT_THAT(setting("RandomizedDelaySec"), ElementsAre());
}

// systemd reads every line without complaint, and the arguments arrive as they were declared.
TEST(Unit, SystemdReadsIt) {
  if (access("/usr/bin/systemd-analyze", X_OK) != 0) GTEST_SKIP() << "there is no systemd-analyze";
  const test::Scratch scratch;
  const std::filesystem::path program = scratch.path() / "a 100% $b" / "cc-ci-run";
  std::filesystem::create_directories(program.parent_path());
  ASSERT_TRUE(base::replace_file(program, "#!/bin/sh\n", 0755));
  declare::Timer elsewhere = timer();
  elsewhere.name.text = "elsewhere";
  elsewhere.directory = "/srv/100% \"x\"";
  elsewhere.user = "root";
  elsewhere.timeout = std::chrono::seconds(90);
  elsewhere.on_failure = {"/usr/bin/true", "100% $x"};
  auto units = units_of(timer(), program.native());
  for (UnitFile& unit : units_of(elsewhere, program.native())) units.push_back(std::move(unit));
  base::Command command;
  command.argv = {"/usr/bin/systemd-analyze", "--man=no", "verify"};
  for (const UnitFile& unit : units) {
    ASSERT_TRUE(base::replace_file(scratch.path() / unit.path, unit.content));
    command.argv.push_back((scratch.path() / unit.path).native());
  }
  for (const declare::Runner& runner : runners()) {
    const std::string unit = declare::runner_unit(runner);
    const auto drop_in =
        runner_drop_in(runner, sample_environment(), "/usr/bin", "/state/x 100%/root");
    ASSERT_TRUE(drop_in);
    std::filesystem::create_directories((scratch.path() / drop_in->path).parent_path());
    ASSERT_TRUE(base::replace_file(scratch.path() / drop_in->path, drop_in->content));
    ASSERT_TRUE(base::replace_file(scratch.path() / unit,
                                   "[Service]\nExecStart=" + unit_word(program.native()) + "\n"));
    command.argv.push_back((scratch.path() / unit).native());
  }
  const auto outcome = base::real_processes().run(command);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 0);
  EXPECT_THAT(outcome->err, testing::Not(HasSubstr(scratch.path().native())));
}

}  // namespace
}  // namespace ccci::host
