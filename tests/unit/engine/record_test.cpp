// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/record.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

Record sample(const std::string& name) { return {name, "boot", {11, "100"}, {12, "200"}, false}; }

// Loses the n-th sync and everything after it, as a full or dying disk does.
class FailingDisk final : public base::Disk {
 public:
  base::Result<void> sync(int) override {
    return base::unexpected(base::fail("base.write").with_errno(EIO));
  }
};

TEST(Record, reads_back) {
  const auto read = read_record(write_record(sample("run-1")));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sample("run-1"));
}

TEST(Record, knows_the_engine_that_is_shared) {
  Record record = sample("run-1");
  record.socket = "/run/docker.sock";
  EXPECT_EQ(*read_record(write_record(record)), record);
}

TEST(Record, has_numbers_of_processes_only) {
  for (const char* number : {"4294967295", "99999999999", "-1"}) {
    std::string text = write_record(sample("run-1"));
    text.replace(text.find("11"), 2, number);
    EXPECT_FALSE(read_record(text)) << number;
  }
}

// Engines that nobody lists would run for ever.
TEST(Records, that_cannot_be_listed_are_an_error) {
  const test::Scratch scratch;
  test::write_text(scratch / "engines", "a file");
  const auto names = Records(scratch / "engines").names();
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, "base.open");
}

TEST(Records, list_what_is_kept) {
  const test::Scratch scratch;
  Records records(scratch / "engines");
  EXPECT_THAT(*records.kept(), testing::IsEmpty());  // there is no directory yet
  Record one = sample("run-1");
  one.boot = boot_id();
  one.keeper = name_process(getpid()).value();
  Record other = one;
  other.name = "run-2";
  other.kept = true;
  Record before_the_boot = other;
  before_the_boot.name = "run-3";
  before_the_boot.boot = "earlier";
  Record ended = other;
  ended.name = "run-4";
  ended.keeper.started = "1";
  // A shared engine starts its services again.
  Record shared = before_the_boot;
  shared.name = "run-6";
  shared.socket = "/run/docker.sock";
  for (const Record& record : {one, other, before_the_boot, ended, shared})
    ASSERT_TRUE(records.create(record));
  test::write_text(scratch / "engines/run-5.json", "damaged");
  const KeptNote note{"gitea 1.0.0+1: install failed", "/results", "docker --host unix:///x"};
  ASSERT_TRUE(records.annotate("run-2", note));
  const auto kept = records.kept();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 3U);
  EXPECT_EQ(kept->at(0).record.name, "run-2");
  EXPECT_EQ(kept->at(0).record.note, note);
  EXPECT_TRUE(kept->at(0).runs);
  EXPECT_LT(std::chrono::system_clock::now() - kept->at(0).since, std::chrono::hours(1));
  EXPECT_EQ(kept->at(1).record.name, "run-4");
  EXPECT_FALSE(kept->at(1).runs);
  EXPECT_EQ(kept->at(2).record, shared);
  EXPECT_FALSE(kept->at(2).runs);  // its number is another process's now
}

TEST(Records, have_one_lease_for_ever) {
  const test::Scratch scratch;
  const std::string lease = *Records(scratch / "engines").lease();
  EXPECT_EQ(lease.size(), 32U);
  EXPECT_EQ(*Records(scratch / "engines").lease(), lease);
  EXPECT_NE(*Records(scratch / "others").lease(), lease);
  EXPECT_THAT(*Records(scratch / "engines").names(), testing::IsEmpty());
  FailingDisk disk;
  EXPECT_FALSE(Records(scratch / "third", disk).lease());
}

TEST(Record, refuses_what_is_no_record) {
  for (const char* text : {"", "[]", "{}", R"({"name":"../x","boot":"b"})"}) {
    EXPECT_EQ(read_record(text).error().code, "engine.record") << text;
  }
}

TEST(Record, names_are_no_paths) {
  for (const char* name : {"", ".", "..", "a/b", "A", "lock", "a.b", "a b"}) {
    EXPECT_FALSE(is_engine_name(name)) << name;
  }
  EXPECT_TRUE(is_engine_name("run-20261127-1"));
  EXPECT_FALSE(is_engine_name(std::string(41, 'a')));
}

TEST(Records, are_there_before_the_engine) {
  test::Scratch scratch;
  Records records(scratch / "engines");
  const auto lock = records.create(sample("a"));
  ASSERT_TRUE(lock) << lock.error().code;
  EXPECT_EQ(*records.read("a"), sample("a"));
  EXPECT_TRUE(std::filesystem::is_directory(records.place("a")));
  EXPECT_EQ(records.create(sample("a")).error().code, "engine.exists");
  EXPECT_EQ(records.create(sample("../a")).error().code, "engine.name");
}

TEST(Records, leave_nothing_of_an_engine_whose_record_is_not_durable) {
  test::Scratch scratch;
  FailingDisk disk;
  Records records(scratch / "engines", disk);
  EXPECT_EQ(records.create(sample("a")).error().code, "base.write");
  EXPECT_THAT(*records.names(), testing::IsEmpty());
}

TEST(Records, are_claimed_only_after_their_owner) {
  test::Scratch scratch;
  Records records(scratch / "engines");
  auto lock = records.create(sample("a"));
  ASSERT_TRUE(lock);
  EXPECT_FALSE(records.claim("a")->has_value());
  lock->reset();
  EXPECT_TRUE(records.claim("a")->has_value());
}

TEST(Records, find_what_a_kill_left_at_any_point) {
  test::Scratch scratch;
  Records records(scratch.path());
  test::write_text(scratch / "only-lock.lock", "");
  test::write_text(scratch / "only-record.json", "");
  std::filesystem::create_directory(scratch / "only-directory");
  test::write_text(scratch / "lock", "");
  test::write_text(scratch / "Foreign", "");
  EXPECT_THAT(*records.names(), testing::ElementsAre("only-directory", "only-lock", "only-record"));
}

TEST(ProcessName, tells_processes_apart) {
  const auto self = name_process(getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->number, getpid());
  EXPECT_GT(std::stoull(self->started), 0U);
  EXPECT_EQ(name_process(getpid()), self);
  EXPECT_NE(name_process(getppid())->started, "");
  EXPECT_EQ(name_process(0), std::nullopt);
}

}  // namespace
}  // namespace ccci::engine
