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

// A witness that nobody sees would go on changing a timer.
TEST(Drift, WhatCannotBeReadIsNamed) {
  const test::Scratch scratch;
  const Layout layout(scratch.path());
  fs::create_directories(scratch / "run/systemd");
  test::write_text(scratch / "run/systemd/system", "a file");
  EXPECT_THAT(lines(leftovers(layout)), ElementsAre(HasSubstr("/run/systemd/system")));
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
      {"n.timer", "[Timer]\nOnCalendar=daily\n"},
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

TEST_F(UnitDriftTest, AFailedRunAndATimerThatHasPassedAreNamed) {
  observed_.units["n.service"].active = "failed";
  observed_.units["n.service"].result = "exit-code";
  observed_.units["n.service"].exit_status = 7;
  observed_.units["n.timer"].sub = "elapsed";
  EXPECT_THAT(found(), testing::UnorderedElementsAre(
                           "last run of n.service: success / failed: exit-code, status 7",
                           "timer n.timer: a next run / none: its schedule has passed"));
}

TEST_F(UnitDriftTest, ARunThatOutlivesItsIntervalIsNamed) {
  class Calendar final : public base::ProcessRunner {
   public:
    base::Result<base::Outcome> run(const base::Command& command) override {
      asked = command.argv;
      base::Outcome outcome;
      outcome.out = "    Next elapse: Sun 2026-11-29 03:00:00 UTC\n       From now: " + said;
      return outcome;
    }
    std::string said = "6s ago\n";
    std::vector<std::string> asked;
  } calendar;
  const auto found = [&] {
    return lines(
        overdue_runs(generations_, generation_, observed_, calendar, std::chrono::seconds(100)));
  };
  EXPECT_THAT(found(), IsEmpty());
  observed_.units["n.service"].active = "activating";
  observed_.units["n.service"].started = "10000000";
  EXPECT_THAT(found(), ElementsAre(HasSubstr("running for 1 min 30 s")));
  EXPECT_THAT(calendar.asked, testing::Contains("--base-time=-90s"));
  calendar.said = "4h left\n";
  EXPECT_THAT(found(), IsEmpty());
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
}

TEST_F(UnitDriftTest, ARunnerThatDoesNotExistIsNamed) {
  for (const char* load : {"not-found", "masked", "bad-setting"}) {
    observed_.units["worker.service"].load = load;
    EXPECT_THAT(found(),
                ElementsAre(std::string("runner worker.service: a unit of this host / ") + load));
  }
}

TEST_F(UnitDriftTest, ARemedyDeletesNoFileOfTheOperator) {
  observed_.units["n.timer"].fragment = "/etc/systemd/system/n.timer";
  observed_.units["worker.service"].environment = "PATH=/usr/bin";
  const Drifts drifts = changed_units(generations_, generation_, observed_);
  ASSERT_EQ(drifts.size(), 2U);
  EXPECT_EQ(drifts[0].remedy,
            "mv /etc/systemd/system/n.timer /etc/systemd/system/n.timer.before-cc-ci && "
            "systemctl daemon-reload");
  EXPECT_EQ(drifts[1].remedy, "mv /etc/x.conf /etc/x.conf.before-cc-ci && systemctl daemon-reload");
}

TEST_F(UnitDriftTest, EnabledRunnerThatIsDownIsNamed) {
  observed_.units["worker.service"].active = "inactive";
  EXPECT_THAT(found(), IsEmpty()) << "nobody said that it is to run";
  observed_.units["worker.service"].file_state = "enabled";
  EXPECT_THAT(found(), ElementsAre("runner worker.service: active, as it is enabled / inactive"));
}

TEST_F(ProcessDriftTest, WhatARestartLeftAliveIsToBeKilled) {
  process(10, new_hash);
  process(11, old_hash);
  auto drifts = stray_processes(generation_, observed_, {new_hash}, scratch_ / "proc", groups());
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].remedy, "kill 11");
  // Also where the unit itself has ended.
  observed_.units["worker.service"].active = "inactive";
  observed_.units["worker.service"].main_pid = 0;
  EXPECT_THAT(found(), ElementsAre(HasSubstr("process 11 (name)")));
  // Of a daemon that was not restarted the children are none the wiser.
  observed_.units["worker.service"].active = "active";
  observed_.units["worker.service"].main_pid = 11;
  drifts = stray_processes(generation_, observed_, {new_hash}, scratch_ / "proc", groups());
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].remedy, "systemctl restart worker.service");
}

TEST_F(ProcessDriftTest, SystemdsOwnChildIsNotJudged) {
  process(10, "");
  test::write_text(scratch_ / "proc/10/comm", "(worker)\n");
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ProcessDriftTest, DaemonStartedWithAnotherPathIsNamed) {
  const Generations generations{Layout(scratch_.path())};
  const std::string drop_in = "worker.service.d/50-cc-ci.conf";
  const std::map<std::string, std::string> texts{
      {drop_in, "[Service]\nEnvironment=\"PATH=/a:/b\"\nEnvironment=\"A=1\"\n"}};
  generation_.system_path = "/store/system";
  generation_.units[drop_in] = base::sha256(texts.at(drop_in)).hex();
  ASSERT_TRUE(generations.publish(generation_, texts));
  const auto paths = [&] {
    return lines(strange_variables(generations, generation_, observed_, scratch_ / "proc"));
  };
  process(10, new_hash);
  test::write_text(scratch_ / "proc/10/environ", std::string("A=1\0PATH=/a:/b\0", 16));
  EXPECT_THAT(paths(), IsEmpty());
  test::write_text(scratch_ / "proc/10/environ", std::string("A=1\0PATH=/opt:/a\0", 18));
  EXPECT_THAT(paths(), ElementsAre("PATH of process 10 (name) of worker.service: /a:/b / /opt:/a"));
  // A file of variables of the host wins over the drop-in. Its value may be a secret.
  test::write_text(scratch_ / "proc/10/environ", std::string("A=word\0PATH=/a:/b\0", 19));
  EXPECT_THAT(paths(), ElementsAre("A of process 10 (name) of worker.service: the declared value / "
                                   "another one"));
  test::write_text(scratch_ / "proc/10/environ", std::string("PATH=/a:/b\0", 11));
  EXPECT_THAT(paths(), ElementsAre(HasSubstr("the declared value / none")));
  test::write_text(scratch_ / "proc/10/environ", "buildbot: worker");
  EXPECT_THAT(paths(), IsEmpty()) << "a title that was written over it tells nothing";
}

// As systemd makes them for a hardened unit, then what a job mounts.
TEST_F(ProcessDriftTest, AMountThatAJobLeftIsNamedByRunnerAndPlace) {
  const Layout layout(scratch_.path());
  fs::create_directories(scratch_ / "etc/systemd/system");
  test::write_text(scratch_ / "etc/systemd/system/worker.service",
                   "[Service]\nBindPaths=/srv/a:/srv/b\nTemporaryFileSystem=/usr/local:ro\n"
                   "ProtectSystem=strict\nPrivateTmp=yes\n");
  observed_.units["worker.service"].fragment = "/etc/systemd/system/worker.service";
  const ProcessView view{scratch_ / "proc", groups(), [] {}};
  process(10, new_hash);
  fs::create_directories(scratch_ / "proc/1");
  test::write_text(scratch_ / "proc/1/mountinfo",
                   "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n25 24 0:30 / /run rw - tmpfs tmpfs rw\n"
                   "26 24 8:5 / /srv/a/more rw - ext4 /dev/sdb rw\n"
                   "27 24 0:44 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n");
  const std::string of_systemd =
      "24 1 8:1 / / ro - ext4 /dev/sda1 rw\n"
      "30 24 8:1 /var/lib/cc-ci/store/environment/" +
      new_hash +
      "-shared/root/usr /usr ro - ext4 /dev/sda1 rw\n"
      "31 24 0:30 / /run rw master:5 - tmpfs tmpfs rw\n"
      "32 31 0:30 /systemd/propagate/worker.service /run/systemd/incoming ro - tmpfs tmpfs rw\n"
      "33 24 8:1 /var/tmp/systemd-private-1f-worker.service-a/tmp /var/tmp rw - ext4 /dev/sda1 rw\n"
      "34 24 8:1 /srv/jobs /srv/jobs rw - ext4 /dev/sda1 rw\n"
      "35 24 8:1 /srv/a /srv/b rw - ext4 /dev/sda1 rw\n"
      "36 35 8:5 / /srv/b/more rw - ext4 /dev/sdb rw\n"
      "37 24 0:50 / /dev rw - tmpfs tmpfs rw\n38 37 0:51 / /dev/shm rw - tmpfs tmpfs rw\n"
      "39 30 0:52 / /usr/local ro - tmpfs tmpfs rw\n40 24 0:53 / /proc rw - proc proc rw\n"
      "41 24 0:30 /inaccessible/dir /home ro - tmpfs tmpfs rw\n"
      "44 24 0:54 /tmp /tmp rw - tmpfs tmpfs rw\n"  // DynamicUser= of systemd 257
      "45 24 0:54 /var-tmp /var/tmp rw - tmpfs tmpfs rw\n"
      "43 24 8:1 /store/etc /etc ro - ext4 /dev/sda1 rw\n"
      "42 24 0:44 / /var/lib/docker/overlay2/x/merged rw master:9 - overlay overlay rw\n";
  const auto left = [&](const std::string& mounts) {
    test::write_text(scratch_ / "proc/10/mountinfo", of_systemd + mounts);
    return lines(left_mounts(layout, generation_, observed_, view));
  };
  // The unit's targets include those of cc-ci's drop-in.
  fs::create_directories(scratch_ / "etc/systemd/system/worker.service.d");
  test::write_text(scratch_ / "etc/systemd/system/worker.service.d/50-cc-ci.conf",
                   "[Service]\nBindReadOnlyPaths=\"/store/usr\":/usr\nBindReadOnlyPaths=\"/store/"
                   "etc\":\"/etc\"\n");
  observed_.units["worker.service"].drop_ins = "/etc/systemd/system/worker.service.d/50-cc-ci.conf";
  EXPECT_THAT(left(""), IsEmpty());
  EXPECT_THAT(left("50 24 0:60 / /mnt/image rw - tmpfs tmpfs rw\n"
                   "51 24 8:1 /home/x /opt rw - ext4 /dev/sda1 rw\n"),
              ElementsAre("mount /mnt/image in worker.service: no mount of a job / tmpfs, which a "
                          "job left",
                          HasSubstr("mount /opt in worker.service")));
  EXPECT_THAT(left("50 30 0:60 / /usr/lib/x rw - tmpfs tmpfs rw\n"), testing::SizeIs(1));
  EXPECT_EQ(left_mounts(layout, generation_, observed_, view).front().remedy,
            "systemctl restart worker.service");
  // Of a specifier and of a root of its own nothing is known here.
  test::write_text(scratch_ / "etc/systemd/system/worker.service.d/50-cc-ci.conf",
                   "[Service]\nBindPaths=/srv/x:%S/x\n");
  EXPECT_THAT(left("50 24 0:60 / /mnt/image rw - tmpfs tmpfs rw\n"), IsEmpty());
  test::write_text(scratch_ / "etc/systemd/system/worker.service.d/50-cc-ci.conf",
                   "[Service]\nRootImage=/x\n");
  EXPECT_THAT(left("50 24 0:60 / /mnt/image rw - tmpfs tmpfs rw\n"), IsEmpty());
}

TEST(Drift, TheFileThatPutsADirectoryOnPathIsNamed) {
  const test::Scratch scratch;
  const Layout layout(scratch.path());
  const std::string own = "/usr/local/lib/cc-ci/current/bin";
  for (const char* command : {"jq", "git"}) {
    fs::create_directories(scratch / "opt/bin");
    test::write_text(scratch / "opt/bin" / command, "");
  }
  fs::create_directories(scratch / "etc/profile.d");
  fs::create_directories(scratch / "root");
  test::write_text(scratch / "etc/profile.d/a.sh", "# PATH=/opt/bin\nPATH=$PATH:/srv\n");
  test::write_text(scratch / "root/.bashrc", "x\n  export PATH=/opt/bin:$PATH\n");
  const Drifts drifts = shadowed(layout, {"git", "jq"}, "/opt/bin:" + own);
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].found, "/opt/bin/git comes before it, and 1 more like it");
  EXPECT_EQ(drifts[0].remedy, "take /opt/bin out of /root/.bashrc");
}

TEST(Drift, WhatIsMountedOverAnObjectIsNamed) {
  const std::string store = "/var/lib/cc-ci/store";
  EXPECT_THAT(covered_objects(store, mountinfo(new_hash)), IsEmpty());
  const Drifts drifts = covered_objects(
      store,
      "40 24 8:1 /root/fake /var/lib/cc-ci/store/entrypoint/x-run/root/run rw - ext4 a rw\n");
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].remedy, "umount '/var/lib/cc-ci/store/entrypoint/x-run/root/run'");
}

TEST_F(UnitDriftTest, DirectoryThatIsNotThereIsNamed) {
  generation_.number = 2;
  generation_.project = "/srv/ci";
  const std::map<std::string, std::string> texts{
      {"a.service", "[Service]\nWorkingDirectory=/srv/a\n"},
      {"p.service", "[Service]\nWorkingDirectory=/usr/local/lib/cc-ci/current/project\n"}};
  generation_.units.clear();
  for (const auto& [path, text] : texts) generation_.units[path] = base::sha256(text).hex();
  ASSERT_TRUE(generations_.publish(generation_, texts));
  const Drifts drifts = missing_directories(generations_, generation_);
  ASSERT_EQ(drifts.size(), 2U);
  EXPECT_EQ(drifts[0].remedy, "mkdir -p '/srv/a'");
  EXPECT_EQ(drifts[1].expected, "/srv/ci");
  EXPECT_EQ(drifts[1].remedy, "cc-ci switch");
  fs::create_directories(scratch_ / "srv/ci");
  fs::create_directories(scratch_ / "srv/a");
  EXPECT_THAT(missing_directories(generations_, generation_), IsEmpty());
}

TEST_F(UnitDriftTest, LostOrUnreadableGenerationIsNamed) {
  ASSERT_TRUE(generations_.point("current", 1));
  EXPECT_THAT(lost_generation(generations_), IsEmpty());
  test::write_text(scratch_ / "usr/local/lib/cc-ci/generations/1/record.json", "");
  EXPECT_THAT(lines(lost_generation(generations_)),
              ElementsAre(HasSubstr("generation 1: a record of what it is")));
  ASSERT_TRUE(generations_.point("current", 9));
  EXPECT_THAT(lines(lost_generation(generations_)), ElementsAre(HasSubstr("generations/9")));
}

}  // namespace
}  // namespace ccci::activate
