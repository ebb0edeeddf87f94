// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/drift.hpp"

#include <gmock/gmock.h>

#include "base/hash.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::activate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string old_hash(32, 'a');
const std::string new_hash(32, 'b');

std::string mountinfo(const std::string& hash) {
  return "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
         "30 24 8:1 /var/lib/cc-ci/store/environment/" +
         hash + "-shared/root/usr /usr ro - ext4 /dev/sda1 rw\n";
}

std::vector<std::string> lines(const Drifts& drifts) {
  std::vector<std::string> list;
  for (const Drift& drift : drifts) {
    list.push_back(drift.what + ": " + drift.expected + " / " + drift.found);
  }
  return list;
}

TEST(Drift, EnvironmentIsReadFromTheMounts) {
  EXPECT_EQ(environment_in(mountinfo(new_hash)), new_hash);
  EXPECT_EQ(environment_in(mountinfo(old_hash) + mountinfo(new_hash)), new_hash);
  EXPECT_EQ(environment_in("24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"), "");
  EXPECT_EQ(environment_in(mountinfo(new_hash) + "31 30 8:2 / /usr rw - ext4 /dev/sdb1 rw\n"), "");
  EXPECT_EQ(environment_in("\n \nx /usr\n"), "");
}

class ProcessDriftTest : public testing::Test {
 protected:
  ProcessDriftTest() {
    generation_.number = 1;
    generation_.attached = {{"worker.service", new_hash}};
    UnitState& unit = observed_.units["worker.service"];
    unit.active = "active";
    unit.control_group = "/system.slice/worker.service";
    unit.main_pid = 10;
    fs::create_directories(groups() / "system.slice/worker.service/job");
  }
  void process(int pid, const std::string& hash, const std::string& group = {}) {
    const fs::path directory = scratch_ / ("proc/" + std::to_string(pid));
    fs::create_directories(directory);
    test::write_text(directory / "mountinfo",
                     hash.empty() ? "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n" : mountinfo(hash));
    test::write_text(directory / "comm", "name\n");
    const fs::path procs = groups() / "system.slice/worker.service" / group / "cgroup.procs";
    const std::string before = fs::exists(procs) ? test::read_text(procs) : "";
    test::write_text(procs, before + std::to_string(pid) + "\n");
  }
  std::vector<std::string> found(const std::vector<std::string>& known = {new_hash}) {
    return lines(stray_processes(generation_, observed_, known, scratch_ / "proc", groups()));
  }
  fs::path groups() const { return scratch_ / "cgroup"; }

  test::Scratch scratch_;
  Generation generation_;
  Observed observed_;
};

TEST_F(ProcessDriftTest, AllInTheEnvironmentIsGood) {
  process(10, new_hash);
  process(11, new_hash, "job");
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ProcessDriftTest, DaemonInAnOlderEnvironmentIsNamed) {
  process(10, old_hash);
  EXPECT_THAT(found(), ElementsAre("process 10 (name) of worker.service: environment bbbbbbbbbbbb "
                                   "/ environment aaaaaaaaaaaa"));
}

TEST_F(ProcessDriftTest, JobOutsideIsNamedAlsoInAGroupOfItsOwn) {
  process(10, new_hash);
  process(11, "", "job");
  EXPECT_THAT(found(), ElementsAre(HasSubstr("process 11 (name) of worker.service: environment "
                                             "bbbbbbbbbbbb / the host's own /usr")));
}

TEST_F(ProcessDriftTest, JobInTheHostsOwnEnvironmentIsGoodButNotTheDaemon) {
  process(10, old_hash);
  process(11, old_hash, "job");
  EXPECT_THAT(found({new_hash, old_hash}), ElementsAre(HasSubstr("process 10")));
}

TEST(Drift, DirectoriesBeforeOursAreNamedWhereTheyHaveACommand) {
  const test::Scratch scratch;
  fs::create_directories(scratch / "opt/bin");
  test::write_text(scratch / "opt/bin/jq", "");
  const Layout layout(scratch.path());
  const std::string own = "/usr/local/lib/cc-ci/current/bin";
  EXPECT_THAT(shadowed(layout, {"jq"}, own + ":/opt/bin"), IsEmpty());
  EXPECT_THAT(shadowed(layout, {"git"}, "/opt/bin:" + own), IsEmpty());
  EXPECT_THAT(lines(shadowed(layout, {"jq"}, "/opt/bin:" + own)),
              ElementsAre("PATH of a login shell: " + own + "/jq / /opt/bin/jq comes before it"));
  EXPECT_THAT(lines(shadowed(layout, {"jq"}, "/usr/bin")),
              ElementsAre("PATH of a login shell: " + own + " on it / /usr/bin"));
}

TEST(Drift, WhatAWitnessLeftIsNamed) {
  const test::Scratch scratch;
  const Layout layout(scratch.path());
  EXPECT_THAT(leftovers(layout), IsEmpty());
  fs::create_directories(scratch / "run/systemd/system/n.timer.d");
  test::write_text(scratch / "run/systemd/system/n.timer.d/other.conf", "");
  EXPECT_THAT(leftovers(layout), IsEmpty());
  test::write_text(scratch / "run/systemd/system/n.timer.d/zzz-cc-ci-witness.conf", "");
  EXPECT_THAT(lines(leftovers(layout)),
              ElementsAre(HasSubstr("/run/systemd/system/n.timer.d/zzz-cc-ci-witness.conf")));
}

class UnitDriftTest : public testing::Test {
 protected:
  UnitDriftTest() {
    generation_.number = 1;
    generation_.system_path = "/store/system";
    for (const auto& [path, text] : texts_) generation_.units[path] = base::sha256(text).hex();
    EXPECT_TRUE(generations_.publish(generation_, texts_));
    for (const char* name : {"n.service", "n.timer"}) {
      UnitState& unit = observed_.units[name];
      unit.name = name;
      unit.load = "loaded";
      unit.active = "active";
      unit.file_state = "enabled";
      unit.fragment = std::string(units_directory) + "/" + name;
    }
    observed_.units["n.service"].exec_start = "{ path=/store/run ; argv[]=/store/run a ; }\n";
    UnitState& worker = observed_.units["worker.service"];
    worker.name = "worker.service";
    worker.load = "loaded";
    worker.drop_ins = std::string(units_directory) + "/worker.service.d/50-cc-ci.conf /etc/x.conf";
    worker.environment = "PATH=/a:/b \"X=y z\"";
  }
  std::vector<std::string> found() {
    return lines(changed_units(generations_, generation_, observed_));
  }

  const std::map<std::string, std::string> texts_{
      {"n.service", "[Service]\nExecStart=:\"/store/run\" \"a\"\n"},
      {"n.timer", "[Timer]\n"},
      {"worker.service.d/50-cc-ci.conf", "[Service]\nEnvironment=\"PATH=/a:/b\"\n"}};
  test::Scratch scratch_;
  Generations generations_{Layout(scratch_.path())};
  Generation generation_;
  Observed observed_;
};

TEST_F(UnitDriftTest, AsInstalledIsGood) { EXPECT_THAT(found(), IsEmpty()); }

TEST_F(UnitDriftTest, ReplacementMaskAndStaleTextAreNamed) {
  observed_.units["n.service"].fragment = "/etc/systemd/system/n.service";
  observed_.units["n.timer"].load = "masked";
  observed_.units["worker.service"].needs_reload = true;
  EXPECT_THAT(found(), ElementsAre(HasSubstr("replaced by /etc/systemd/system/n.service"),
                                   HasSubstr("unit n.timer"), HasSubstr("an older text")));
}

TEST_F(UnitDriftTest, StoppedAndDisabledTimerIsNamedTwice) {
  observed_.units["n.timer"].active = "inactive";
  observed_.units["n.timer"].file_state = "disabled";
  EXPECT_THAT(found(),
              ElementsAre("timer n.timer: active / inactive", "timer n.timer: enabled / disabled"));
}

TEST_F(UnitDriftTest, OverridesOfCommandAndPathAreNamed) {
  observed_.units["n.service"].exec_start = "{ path=/usr/bin/x ; argv[]=/usr/bin/x ; }\n";
  observed_.units["worker.service"].environment = "PATH=/a:/b PATH=/usr/bin:/a:/b";
  EXPECT_THAT(found(), ElementsAre("command of n.service: /store/run / /usr/bin/x",
                                   "PATH of worker.service: /a:/b / /usr/bin:/a:/b"));
}

TEST_F(UnitDriftTest, DropInThatIsNotReadIsNamed) {
  observed_.units["worker.service"].drop_ins = "/etc/x.conf";
  EXPECT_THAT(found(), ElementsAre(HasSubstr("not read by systemd")));
  observed_.units["worker.service"].load = "not-found";
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(UnitDriftTest, EnabledRunnerThatIsDownIsNamed) {
  observed_.units["worker.service"].active = "inactive";
  EXPECT_THAT(found(), IsEmpty()) << "nobody said that it is to run";
  observed_.units["worker.service"].file_state = "enabled";
  EXPECT_THAT(found(), ElementsAre("runner worker.service: active, as it is enabled / inactive"));
}

}  // namespace
}  // namespace ccci::activate
