// SPDX-License-Identifier: GPL-3.0-or-later
// The whole of a switch, by the program itself, on a host below a prefix.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include "activate/generations.hpp"
#include "activate/retention.hpp"
#include "base/process.hpp"
#include "store/upkeep.hpp"
#include "tests/support/activation_fixture.hpp"

namespace ccci::activate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> first{"a.service", "a.timer", "b.service", "b.timer",
                                     test::worker_drop_in};
const std::vector<std::string> second{"b.service", "b.timer", "c.service", "c.timer",
                                      test::worker_drop_in};

class SwitchTest : public test::ActivationTest {
 protected:
  base::Outcome cc_ci(const std::vector<std::string>& words,
                      const std::vector<std::string>& before = {}) {
    base::Command command;
    command.argv = before;
    command.argv.push_back(std::string(CCCI_BINARY_DIR) + "/bin/cc-ci");
    command.argv.insert(command.argv.end(), {"-q", "--state", state().native()});
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.environment = variables();
    command.time_limit = std::chrono::seconds(60);
    auto outcome = base::real_processes().run(command);
    if (!outcome) throw std::runtime_error(test::describe(outcome.error()));
    return *outcome;
  }
  int switch_to(const store::Address& system) {
    const base::Outcome outcome = cc_ci({"switch", "--system", system.hash, "--deadline", "0"});
    said_ = outcome.out + outcome.err;
    return outcome.status;
  }
  std::uint64_t current() const { return Generations(layout()).current().value_or(999); }
  std::string worker() const { return test::read_text(machine() / "runs/worker.service"); }

  std::string said_;
};

TEST_F(SwitchTest, RollbackGoesToTheLastHealthyGeneration) {
  store::Store store = open();
  ASSERT_EQ(switch_to(system(store, "one", first)), 0) << said_;
  ASSERT_EQ(switch_to(system(store, "two", second)), 0) << said_;
  ASSERT_EQ(switch_to(system(store, "three", first)), 0) << said_;
  ASSERT_TRUE(fs::remove(layout().home() / "healthy/2"));  // as if it had never been healthy
  ASSERT_EQ(cc_ci({"rollback", "--deadline", "0"}).status, 0);
  EXPECT_EQ(current(), 1U);
}

TEST_F(SwitchTest, ThereAndBackAndToNothing) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  const store::Address two = system(store, "two", second);
  ASSERT_EQ(switch_to(one), 0) << said_;
  EXPECT_EQ(disagreement(), "");
  ASSERT_EQ(switch_to(two), 0) << said_;
  EXPECT_EQ(disagreement(), "");
  EXPECT_EQ(current(), 2U);
  EXPECT_FALSE(fs::is_symlink(prefix() / "usr/local/lib/systemd/system/a.timer"));
  ASSERT_EQ(cc_ci({"rollback", "--deadline", "0"}).status, 0);
  EXPECT_EQ(disagreement(), "");
  EXPECT_EQ(current(), 1U);
  ASSERT_EQ(cc_ci({"rollback", "0", "--deadline", "0"}).status, 0);
  EXPECT_EQ(disagreement(), "");
  EXPECT_EQ(current(), 0U);
  EXPECT_TRUE(fs::is_empty(prefix() / "usr/local/lib/systemd/system"));
}

TEST_F(SwitchTest, NothingChangedIsNothingDone) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  ASSERT_EQ(switch_to(one), 0) << said_;
  const std::string before = worker();
  fs::remove(machine() / "loaded");
  ASSERT_EQ(switch_to(one), 0) << said_;
  EXPECT_THAT(said_, HasSubstr("nothing to do"));
  EXPECT_EQ(worker(), before);
  EXPECT_FALSE(fs::exists(machine() / "loaded"));
  EXPECT_EQ(Generations(layout()).numbers().value().size(), 1U);
}

TEST_F(SwitchTest, UnhealthyGoesBackAndKeepsTheEvidence) {
  store::Store store = open();
  const store::Address one = system(store, "one", {"a.service", "a.timer"});
  ASSERT_EQ(switch_to(one), 0) << said_;
  test::write_text(machine() / "broken", "");
  EXPECT_EQ(switch_to(system(store, "two", second)), 1);
  EXPECT_THAT(said_, HasSubstr("generation 2 is not healthy"));
  EXPECT_THAT(said_, HasSubstr("worker.service: failed"));
  EXPECT_THAT(said_, HasSubstr("active again: generation 1"));
  EXPECT_EQ(current(), 1U);
  EXPECT_EQ(disagreement(), "");
  const fs::path kept = fs::directory_iterator(state() / "evidence")->path();
  EXPECT_THAT(test::read_text(kept / "complaints.txt"), HasSubstr("worker.service: failed"));
  EXPECT_TRUE(fs::exists(kept / "worker.service.txt"));
}

TEST_F(SwitchTest, WhatAilsTheOneBeforeAsWellIsSaid) {
  store::Store store = open();
  ASSERT_EQ(switch_to(system(store, "one", first)), 0) << said_;
  test::write_text(machine() / "stuck", "");
  EXPECT_EQ(switch_to(system(store, "two", first)), 1);
  EXPECT_THAT(said_, HasSubstr("active again: generation 1, which is not healthy either"));
  EXPECT_EQ(current(), 1U);
  EXPECT_EQ(disagreement(), "a.timer is not active; b.timer is not active; ");
  fs::remove(machine() / "stuck");
  ASSERT_EQ(cc_ci({"rollback", "1", "--deadline", "0"}).status, 0);
  EXPECT_EQ(disagreement(), "");
}

TEST_F(SwitchTest, ARollbackThatFailsGoesBackAndIsRemembered) {
  store::Store store = open();
  ASSERT_EQ(switch_to(system(store, "one", {"a.service", "a.timer"})), 0) << said_;
  ASSERT_EQ(switch_to(system(store, "two", first)), 0) << said_;
  ASSERT_EQ(switch_to(system(store, "three", {"a.service", "a.timer"})), 0) << said_;
  test::write_text(machine() / "broken", "");
  EXPECT_EQ(cc_ci({"rollback", "--deadline", "0"}).status, 1);
  EXPECT_EQ(current(), 3U);
  EXPECT_EQ(disagreement(), "");
  const Generations generations(layout());
  EXPECT_EQ(generations.mark(2), Generations::Mark::unhealthy);
  EXPECT_EQ(generations.mark(1), Generations::Mark::healthy);
  fs::remove(machine() / "broken");
  ASSERT_EQ(cc_ci({"rollback", "--deadline", "0"}).status, 0);
  EXPECT_EQ(current(), 1U);
}

TEST_F(SwitchTest, TheLastWordsOfAnIllUnitAreShown) {
  store::Store store = open();
  test::write_text(machine() / "broken", "");
  test::write_text(machine() / "journal", "first words\n\nsecond\nthird\x1b[31m\n  fourth\n");
  EXPECT_EQ(switch_to(system(store, "one", first)), 1);
  EXPECT_THAT(said_, HasSubstr("worker.service: failed"));
  EXPECT_THAT(said_, HasSubstr("note:   second\n"));
  EXPECT_THAT(said_, HasSubstr("fourth\n"));
  EXPECT_THAT(said_, Not(HasSubstr("first words")));
  EXPECT_THAT(said_, Not(HasSubstr("\x1b")));
}

TEST_F(SwitchTest, AJobOfTheRunnerIsToldWhatToTypeAnywhere) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  ASSERT_EQ(switch_to(one), 0) << said_;
  const store::Address two = system(store, "two", second);
  ASSERT_EQ(switch_to(two), 0) << said_;
  fs::create_directories(machine() / "asks");
  // Whatever directory the job is in.
  const auto refused = [&](const std::vector<std::string>& words, const std::string& command) {
    const base::Outcome outcome = cc_ci(words);
    EXPECT_EQ(outcome.status, 3) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("[activate.own-runner]"));
    EXPECT_THAT(outcome.err, HasSubstr("systemd-run --unit=cc-ci-switch " + command + "\n"));
  };
  const store::Address three = system(store, "three", first);
  refused({"switch", "--system", three.hash, "--project", "/srv/a b"},
          "cc-ci -C '/srv/a b' switch 'ci-1'");
  refused({"switch", "--system", three.hash}, "cc-ci switch --system " + three.hash);
  refused({"rollback", "1", "--jobs", "wait"}, "cc-ci rollback 1");
  EXPECT_EQ(current(), 2U);
  EXPECT_EQ(disagreement(), "");
}

// systemd's own words; a host without systemd-analyze accepts all.
TEST_F(SwitchTest, OnlyAScheduleWithAZoneHasTheRemedyOfZones) {
  store::Store store = open();
  const auto timer = [&](const std::string& schedule) {
    const fs::path program = machine() / "bin/systemd-analyze";
    test::write_text(program,
                     "#!/bin/sh\necho \"Failed to parse calendar specification\" >&2; exit 1\n");
    fs::permissions(program, fs::perms::owner_all);
    EXPECT_EQ(switch_to(system(store, "[Timer]\nOnCalendar=" + schedule + "\n#", {"a.timer"})), 3);
    EXPECT_THAT(said_, HasSubstr("[activate.schedule]"));
    EXPECT_THAT(said_, HasSubstr("correct the schedule in cc-ci.toml"));
    return said_.find("apt install tzdata-legacy") != std::string::npos;
  };
  EXPECT_TRUE(timer("*-*-* 03:00 US/Pacific"));
  EXPECT_TRUE(timer("daily US/Pacific"));
  EXPECT_FALSE(timer("*-*-* 03:00/5"));
  EXPECT_FALSE(timer("*:0/7"));
  EXPECT_FALSE(timer("dayly"));
  EXPECT_EQ(current(), 0U);
}

TEST_F(SwitchTest, UserThatIsNotThereIsToldAtOnce) {
  store::Store store = open();
  const store::Address one =
      system(store, "[Service]\nUser=nobody-of-that-name\n#", {"a.service", "a.timer"});
  EXPECT_EQ(switch_to(one), 3);
  EXPECT_THAT(said_, HasSubstr("a.service: expected user 'nobody-of-that-name'"));
  EXPECT_FALSE(fs::exists(home()));
}

TEST_F(SwitchTest, AUnitOfSomebodyElseIsNotReplaced) {
  store::Store store = open();
  for (const char* directory : {"usr/lib/systemd/system", "etc/systemd/system",
                                "run/systemd/system", "run/systemd/generator"}) {
    const fs::path other = prefix() / directory / "a.timer";
    fs::create_directories(other.parent_path());
    test::write_text(other, "[Timer]\n");
    EXPECT_EQ(switch_to(system(store, "one", {"a.service", "a.timer"})), 2) << directory;
    EXPECT_THAT(said_, HasSubstr("unit 'a.timer': this host has another unit of that name: /" +
                                 std::string(directory) + "/a.timer"));
    EXPECT_FALSE(fs::exists(home()));
    fs::remove(other);
  }
}

TEST_F(SwitchTest, FirstOneThatIsUnhealthyGoesBackToNothing) {
  store::Store store = open();
  test::write_text(machine() / "broken", "");
  EXPECT_EQ(switch_to(system(store, "one", first)), 1);
  EXPECT_EQ(current(), 0U);
  EXPECT_EQ(disagreement(), "");
  EXPECT_THAT(said_, HasSubstr("active again: nothing"));
}

TEST_F(SwitchTest, FileOfTheAdministratorIsLeftAlone) {
  store::Store store = open();
  const fs::path own = prefix() / "usr/local/lib/systemd/system/a.timer";
  fs::create_directories(own.parent_path());
  test::write_text(own, "his");
  EXPECT_EQ(switch_to(system(store, "one", first)), 3);
  EXPECT_THAT(said_, HasSubstr("[activate.foreign]"));
  EXPECT_EQ(test::read_text(own), "his");
  EXPECT_EQ(current(), 0U);
  EXPECT_FALSE(fs::exists(home()));
}

TEST_F(SwitchTest, DamagedObjectIsRefused) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  const fs::path tool = store.path(one) / "root/bin/tool";
  fs::permissions(tool, fs::perms::owner_all);
  test::write_text(tool, "changed");
  EXPECT_EQ(switch_to(one), 3);
  EXPECT_THAT(said_, HasSubstr("[activate.damaged]"));
  EXPECT_EQ(current(), 0U);
}

TEST_F(SwitchTest, DryRunChangesNothing) {
  store::Store store = open();
  const base::Outcome outcome =
      cc_ci({"switch", "--dry-run", "--system", system(store, "one", first).hash});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("activate  generation 1"));
  EXPECT_FALSE(fs::exists(prefix() / "usr"));
  EXPECT_FALSE(fs::exists(machine() / "loaded"));
}

TEST_F(SwitchTest, NoSystemdNoSwitch) {
  store::Store store = open();
  fs::remove_all(prefix() / "run/systemd");
  EXPECT_EQ(switch_to(system(store, "one", first)), 3);
  EXPECT_THAT(said_, HasSubstr("expected systemd as process 1 of this host"));
}

TEST_F(SwitchTest, CollectionKeepsWhatGenerationsHold) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  const store::Address two = system(store, "two", second);
  ASSERT_EQ(switch_to(one), 0) << said_;
  ASSERT_EQ(switch_to(two), 0) << said_;
  ASSERT_TRUE(store::collect(store, false, false, base::silent()));
  EXPECT_TRUE(store.has(one));
  ASSERT_EQ(cc_ci({"generations", "--keep", "1"}).status, 0);
  ASSERT_TRUE(store::collect(store, false, false, base::silent()));
  EXPECT_FALSE(store.has(one));
  EXPECT_TRUE(store.has(two));
}

TEST_F(SwitchTest, UninstallLeavesNothing) {
  store::Store store = open();
  ASSERT_EQ(switch_to(system(store, "one", first)), 0) << said_;
  ASSERT_EQ(switch_to(system(store, "two", second)), 0) << said_;
  fs::create_directories(prefix() / "var/lib/systemd/timers");
  test::write_text(prefix() / "var/lib/systemd/timers/stamp-a.timer", "");
  const base::Outcome outcome = cc_ci({"uninstall"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(prefix())) {
    if (!entry.is_directory()) files.push_back(entry.path().native());
  }
  EXPECT_THAT(files, testing::IsEmpty());
  EXPECT_FALSE(fs::exists(home()));
  EXPECT_TRUE(store::roots(store)->empty());
}

TEST_F(SwitchTest, DamagedRecordStopsNeitherSwitchNorTheWayOut) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  const store::Address two = system(store, "two", second);
  for (const std::vector<std::string>& way :
       {std::vector<std::string>{"switch", "--system", two.hash, "--deadline", "0"},
        {"switch", "--system", one.hash, "--deadline", "0"},
        {"rollback", "0", "--deadline", "0"},
        {"uninstall"}}) {
    ASSERT_EQ(switch_to(one), 0) << said_;
    test::write_text(layout().generation(current()) / "record.json", "{");
    const base::Outcome listed = cc_ci({"generations"});
    EXPECT_EQ(listed.status, 0) << listed.err;
    EXPECT_THAT(listed.out, HasSubstr("its record cannot be read"));
    const base::Outcome outcome = cc_ci(way);
    ASSERT_EQ(outcome.status, 0) << way[0] << outcome.err;
    EXPECT_EQ(disagreement(), "") << way[0];
    if (way[0] == "switch") {
      EXPECT_TRUE(Generations(layout()).read(current())) << "a new one, whole";
    }
  }
  EXPECT_FALSE(fs::exists(home()));
}

TEST_F(SwitchTest, LinkThatLeadsNowhereIsMended) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  for (const std::vector<std::string>& way :
       {std::vector<std::string>{"switch", "--system", one.hash, "--deadline", "0"},
        {"rollback", "1", "--deadline", "0"},
        {"rollback", "0", "--deadline", "0"}}) {
    ASSERT_EQ(switch_to(one), 0) << said_;
    ASSERT_TRUE(Generations(layout()).point("current", 77));
    const base::Outcome listed = cc_ci({"generations"});
    EXPECT_EQ(listed.status, 0);
    EXPECT_THAT(listed.err, HasSubstr("found 'generations/77'"));
    const base::Outcome outcome = cc_ci(way);
    ASSERT_EQ(outcome.status, 0) << way[0] << outcome.err;
    EXPECT_EQ(disagreement(), "") << way[0];
  }
  EXPECT_EQ(current(), 0U);
  // Also where no generation is left to ask.
  ASSERT_EQ(switch_to(one), 0) << said_;
  fs::remove_all(layout().generations());
  ASSERT_EQ(cc_ci({"rollback", "0", "--deadline", "0"}).status, 0);
  EXPECT_EQ(disagreement(), "");
}

TEST_F(SwitchTest, DirectoryThatIsMissingIsToldBeforeAnythingChanges) {
  store::Store store = open();
  const store::Address one =
      system(store, "[Service]\nWorkingDirectory=/srv/none\n#", {"a.service", "a.timer"});
  EXPECT_EQ(switch_to(one), 3);
  EXPECT_THAT(said_, HasSubstr("expected directory '/srv/none' on this host, found none"));
  EXPECT_THAT(said_, HasSubstr("mkdir -p '/srv/none'"));
  EXPECT_FALSE(fs::exists(home()));
  fs::create_directories(prefix() / "srv/none");
  EXPECT_EQ(switch_to(one), 0) << said_;
}

TEST_F(SwitchTest, JobsFilesStayUnlessTheyArePurged) {
  store::Store store = open();
  const fs::path jobs = prefix() / "var/lib/cc-ci-jobs";
  for (const bool purge : {false, true}) {
    ASSERT_EQ(switch_to(system(store, "one", first)), 0) << said_;
    fs::create_directories(jobs / "a");
    fs::create_directories(jobs / "b");
    test::write_text(jobs / "b/kept", "");
    const base::Outcome outcome = cc_ci(purge ? std::vector<std::string>{"uninstall", "--purge"}
                                              : std::vector{std::string("uninstall")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(fs::exists(jobs / "a")) << "empty";
    EXPECT_EQ(fs::exists(jobs / "b/kept"), !purge);
    EXPECT_EQ(fs::exists(jobs), !purge);
    if (!purge) {
      EXPECT_THAT(outcome.out, HasSubstr("/var/lib/cc-ci-jobs"));
      EXPECT_THAT(outcome.out, HasSubstr("--purge"));
    }
  }
  EXPECT_FALSE(fs::exists(state())) << "--purge takes the store along";
}

// One process and its files at every moment at which it can be killed.
class KilledTest : public SwitchTest {
 protected:
  void copy(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::create_directories(to.parent_path());
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
};

TEST_F(KilledTest, AtEveryCallOneGenerationIsWholeAndTheNextRunEndsIt) {
  store::Store store = open();
  const store::Address one = system(store, "one", first);
  const store::Address two = system(store, "two", second);
  ASSERT_EQ(switch_to(one), 0) << said_;
  for (const auto* part : {"host", "machine", "state/roots"}) {
    copy(scratch() / part, scratch() / "saved" / fs::path(part).filename());
  }
  int kills = 0;
  // clone3 is where systemctl is started, wait4 where it has been.
  for (const std::string call : {"symlink", "symlinkat", "rename", "renameat", "renameat2",
                                 "unlink", "unlinkat", "fsync", "clone3", "wait4"}) {
    for (int when = 1;; ++when) {
      for (const auto* part : {"host", "machine", "state/roots"}) {
        copy(scratch() / "saved" / fs::path(part).filename(), scratch() / part);
      }
      const base::Outcome outcome =
          cc_ci({"switch", "--system", two.hash, "--deadline", "0"},
                // LeakSanitizer gives up in a process that is traced.
                {"strace", "--quiet=all", "-o", "/dev/null", "-E", "ASAN_OPTIONS=detect_leaks=0",
                 "-e", "inject=" + call + ":signal=KILL:when=" + std::to_string(when)});
      if (outcome.status == 0) break;
      ASSERT_EQ(outcome.status, 128 + SIGKILL) << call << " " << when << outcome.err;
      ++kills;
      const std::string place = call + " " + std::to_string(when);
      const std::uint64_t now = current();
      ASSERT_TRUE(now == 1 || now == 2) << place << ": " << now;
      const Generations generations(layout());
      EXPECT_TRUE(generations.intact(*generations.read(now))) << place;
      ASSERT_EQ(switch_to(two), 0) << place << ": " << said_;
      EXPECT_EQ(current(), 2U) << place;
      EXPECT_EQ(disagreement(), "") << place;
      EXPECT_EQ(store::roots(store)->size(), 2U) << place;
    }
  }
  EXPECT_GT(kills, 30);
}

}  // namespace
}  // namespace ccci::activate
