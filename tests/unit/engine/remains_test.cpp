// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remains.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// A host on which some steps do not work.
class ScriptedHost final : public Host {
 public:
  bool keeper_runs = false;
  bool keeper_dies = true;
  std::vector<pid_t> grouped;
  bool groups_die = true;
  int busy_groups = 0;  // how often the kernel still keeps the groups
  bool removable = true;
  std::vector<std::string> calls;
  std::chrono::milliseconds slept{0};

  bool owner_runs = false;
  base::Fd held;         // the lock of the owner, which its keeper has too
  int held_pauses = -1;  // after so many the keeper closes it

  bool runs(const ProcessName& process) override {
    return process.number == 1 ? owner_runs : keeper_runs;
  }
  void kill(const ProcessName& process) override {
    calls.push_back("kill " + std::to_string(process.number));
    if (keeper_dies) keeper_runs = false;
  }
  bool groups_seen = true;
  base::Result<std::vector<pid_t>> grouped_processes(const std::string&) override {
    if (!groups_seen) return base::unexpected(base::fail("base.open").with_errno(EMFILE));
    return grouped;
  }
  void kill_groups(const std::string& name) override {
    calls.push_back("kill groups " + name);
    if (groups_die) grouped.clear();
  }
  std::vector<std::string> remove_groups(const std::string& name) override {
    if (busy_groups-- > 0) return {"/sys/fs/cgroup/cc-ci/" + name};
    return {};
  }
  bool engine_answers = true;
  bool answers(const std::string&) override { return engine_answers; }
  Leftovers in_engine;
  Leftovers evict(const std::string& socket, const Tenant& tenant) override {
    calls.push_back("evict " + tenant.run + " from " + socket);
    leases.push_back(tenant.lease);
    return in_engine;
  }
  std::vector<std::string> leases;
  base::Result<void> remove_tree(const std::filesystem::path& path) override {
    calls.push_back("remove " + path.filename().native());
    if (removable) return Host::remove_tree(path);
    return base::unexpected(base::fail("base.mount", base::Condition::mounted));
  }
  void sleep(std::chrono::milliseconds time) override {
    slept += time;
    if (held_pauses-- == 0) held.reset();
  }
};

class RemainsTest : public testing::Test {
 protected:
  // An engine whose owner was killed.
  void leave(const std::string& name, bool kept = false, const std::string& boot = boot_id()) {
    Record record{name, boot, {1, "1"}, {4711, "5"}, kept};
    ASSERT_TRUE(records.create(record));
    test::write_text(records.place(name) / "data", "x");
  }
  std::vector<Reaped> reaped() { return *reap(records, host); }

  test::Scratch scratch;
  Records records{scratch / "engines"};
  ScriptedHost host;
};

TEST_F(RemainsTest, kills_then_removes_and_forgets) {
  leave("a");
  host.keeper_runs = true;
  host.grouped = {4711, 4712};
  host.busy_groups = 3;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
  EXPECT_THAT(host.calls, ElementsAre("kill 4711", "kill groups a", "remove a"));
  EXPECT_THAT(*records.names(), IsEmpty());
  EXPECT_THAT(reaped(), IsEmpty());
}

TEST_F(RemainsTest, kills_nobody_who_only_has_the_number_of_a_keeper) {
  leave("a", false, "another boot");
  host.keeper_runs = true;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
  EXPECT_THAT(host.calls, ElementsAre("remove a"));
}

TEST_F(RemainsTest, names_a_process_that_does_not_die_and_removes_nothing) {
  leave("a");
  host.keeper_runs = true;
  host.keeper_dies = false;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {"process 4711"}}));
  EXPECT_TRUE(std::filesystem::exists(records.place("a") / "data"));
  EXPECT_LE(host.slept, std::chrono::seconds(11));
  host.keeper_dies = true;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
}

TEST_F(RemainsTest, names_processes_that_stay_in_the_groups) {
  leave("a");
  host.grouped = {99};
  host.groups_die = false;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {"process 99"}}));
  EXPECT_TRUE(records.read("a"));
}

TEST_F(RemainsTest, removes_nothing_while_nobody_can_see_the_processes) {
  leave("a");
  host.groups_seen = false;
  const auto all = reaped();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].left, ElementsAre(testing::HasSubstr("processes that nobody can see")));
  EXPECT_TRUE(std::filesystem::exists(records.place("a") / "data"));
  EXPECT_TRUE(records.read("a"));
}

TEST_F(RemainsTest, names_groups_and_directories_and_keeps_the_record) {
  leave("a");
  host.busy_groups = 1 << 20;
  host.removable = false;
  const auto all = reaped();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].left, ElementsAre("control group /sys/fs/cgroup/cc-ci/a",
                                       "directory " + records.place("a").native() +
                                           ": something is mounted there"));
  EXPECT_TRUE(records.read("a"));
}

TEST_F(RemainsTest, does_not_touch_an_engine_with_an_owner) {
  Record record{"a", boot_id(), {1, "1"}, {4711, "5"}, false};
  const auto lock = records.create(record);
  ASSERT_TRUE(lock);
  host.owner_runs = true;
  EXPECT_THAT(reaped(), IsEmpty());
  EXPECT_EQ(host.slept.count(), 0);
  EXPECT_EQ(remove_engine(records, "a", host).error().code, "engine.in-use");
  EXPECT_THAT(host.calls, IsEmpty());
}

TEST_F(RemainsTest, takes_a_dead_run_out_of_the_engine_that_it_shared) {
  ASSERT_TRUE(records.create(Record{"a", boot_id(), {1, "1"}, {}, false, "/e.sock"}));
  host.in_engine = {"volume a_data: in use"};
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {"volume a_data: in use"}}));
  EXPECT_TRUE(records.read("a"));
  host.in_engine = {};
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
  EXPECT_THAT(host.calls,
              ElementsAre("evict a from /e.sock", "remove a", "evict a from /e.sock", "remove a"));
  EXPECT_EQ(host.leases[0], *records.lease());
}

TEST_F(RemainsTest, forgets_a_lost_engine_when_somebody_names_the_run) {
  ASSERT_TRUE(records.create(Record{"a", boot_id(), {1, "1"}, {}, false, "/e.sock"}));
  host.engine_answers = false;
  host.in_engine = {"what the run has in the engine of /e.sock: no such file"};
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", host.in_engine}));
  EXPECT_TRUE(records.read("a"));
  EXPECT_EQ(*remove_engine(records, "a", host), (Reaped{"a", {}, "/e.sock"}));
  EXPECT_THAT(*records.names(), IsEmpty());
}

TEST_F(RemainsTest, of_runs_without_a_record_are_those_that_nobody_holds) {
  const auto alive = records.create(Record{"alive", boot_id(), {1, "1"}, {}, false, "/e.sock"});
  ASSERT_TRUE(alive);
  ASSERT_TRUE(records.create(Record{"kept", boot_id(), {2, "1"}, {}, true, "/e.sock"}));
  host.owner_runs = true;
  const auto all = reap_tenants(records, "/e.sock", {"alive", "kept", "lost", "../x", ""}, host);
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, ElementsAre(Reaped{"lost", {}}));
  EXPECT_THAT(host.calls, ElementsAre("evict lost from /e.sock", "remove lost"));
  EXPECT_THAT(*records.names(), ElementsAre("alive", "kept"));
}

TEST_F(RemainsTest, waits_for_a_keeper_that_still_has_the_lock_of_a_dead_owner) {
  Record record{"a", boot_id(), {1, "1"}, {}, false};
  host.held = *records.create(record);
  host.held_pauses = 20;
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
  EXPECT_THAT(*records.names(), IsEmpty());
}

TEST_F(RemainsTest, does_not_wait_forever_for_a_lock) {
  Record record{"a", boot_id(), {1, "1"}, {}, false};
  const auto lock = records.create(record);
  EXPECT_THAT(reaped(), IsEmpty());
  EXPECT_LE(host.slept, std::chrono::seconds(6));
}

TEST_F(RemainsTest, leaves_a_kept_engine_until_somebody_names_it) {
  leave("a", true);
  EXPECT_THAT(reaped(), IsEmpty());
  EXPECT_EQ(remove_engine(records, "b", host).error().code, "engine.unknown");
  EXPECT_EQ(*remove_engine(records, "a", host), (Reaped{"a", {}}));
  EXPECT_THAT(*records.names(), IsEmpty());
}

TEST_F(RemainsTest, takes_a_kept_engine_that_a_reboot_ended) {
  leave("a", true, "another boot");
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}));
}

TEST_F(RemainsTest, leaves_what_a_shared_engine_starts_again_after_a_reboot) {
  ASSERT_TRUE(records.create(Record{"a", "another boot", {1, "1"}, {}, true, "/e.sock"}));
  EXPECT_THAT(reaped(), IsEmpty());
  EXPECT_EQ(*remove_engine(records, "a", host), (Reaped{"a", {}}));
  EXPECT_THAT(host.calls, Contains("evict a from /e.sock"));
}

TEST_F(RemainsTest, takes_what_has_no_record_or_a_damaged_one) {
  std::filesystem::create_directories(records.place("a") / "data");
  std::filesystem::create_directories(records.place("b"));
  test::write_text(scratch / "engines/b.json", "half a rec");
  // Only a lock: its owner has just ended it, and was not killed.
  test::write_text(scratch / "engines/c.lock", "");
  EXPECT_THAT(reaped(), ElementsAre(Reaped{"a", {}}, Reaped{"b", {}}));
  EXPECT_THAT(*records.names(), IsEmpty());
}

}  // namespace
}  // namespace ccci::engine
