// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/history.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/text.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::history {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Record record_of_night(const std::string& recipe, const std::string& night, Verdict verdict) {
  Record record{.recipe = recipe, .night = night, .environment = "sha256:aa"};
  record.version = "1.0.0+1";
  record.commit = "0123456789abcdef";
  record.started = "2026-11-28T03:00:00Z";
  record.verdict = verdict;
  record.level = 5;
  record.time = std::chrono::milliseconds(8300);
  record.peak_memory = 123456;
  record.reason = "install: it's \"red\"; DROP TABLE verdicts --";
  record.rungs = {{"install", "pass", std::chrono::milliseconds(8300)}, {"backup", "skip", {}}};
  record.images = {{"app:1", "sha256:11"}};
  return record;
}

class HistoryTest : public testing::Test {
 protected:
  History open(Access access = Access::write) {
    auto opened = History::open("", scratch_.path(), access);
    EXPECT_TRUE(opened) << opened.error().code;
    return std::move(*opened);
  }

  test::Scratch scratch_;
};

TEST_F(HistoryTest, keeps_a_verdict_as_it_was) {
  const Record record = record_of_night("gitea", "2026-11-28", Verdict::fail);
  EXPECT_TRUE(open().add(record).value());
  const auto found = open(Access::read).of_night("2026-11-28");
  ASSERT_THAT(found.value(), SizeIs(1));
  EXPECT_EQ(found->front(), record);
}

TEST_F(HistoryTest, numbers_of_a_row_that_another_machine_wrote_are_bounded) {
  open().add(record_of_night("gitea", "2026-11-28", Verdict::pass)).value();
  auto database = open_sqlite(history_file(scratch_.path()), true).value();
  ASSERT_TRUE(
      database->query("UPDATE verdicts SET level = -7, milliseconds = $1, peak_memory = $1, "
                      "rungs = $2",
                      {"9223372036854775807", R"([["install","pass",18446744073709551615]])"}));
  const Record record = open(Access::read).of_night("2026-11-28").value().front();
  EXPECT_GE(record.level, 0);
  EXPECT_LE(record.level, 5);
  EXPECT_EQ(record.time, at_most_longest(longest_time));
  EXPECT_EQ(record.rungs.front().time, record.time);
  EXPECT_EQ(record.peak_memory, most_memory);
  std::string why;
  EXPECT_EQ(record_of(to_json(record), why), record);
}

// "There are no results yet" would be another answer.
TEST_F(HistoryTest, a_file_that_cannot_be_looked_at_is_not_an_absent_one) {
  std::filesystem::create_symlink("results.sqlite", history_file(scratch_.path()));
  const auto opened = History::open("", scratch_.path(), Access::read);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().code, "history.none");
}

TEST_F(HistoryTest, others_cannot_hold_its_lock) {
  open();
  const auto file = history_file(scratch_.path());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
  std::filesystem::permissions(file, perms::others_read, std::filesystem::perm_options::add);
  open();
  EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(HistoryTest, one_verdict_for_recipe_night_and_environment) {
  History history = open();
  Record record = record_of_night("gitea", "2026-11-28", Verdict::pass);
  EXPECT_TRUE(history.add(record).value());
  record.verdict = Verdict::fail;
  EXPECT_FALSE(history.add(record).value());
  EXPECT_EQ(history.latest()->at("gitea").verdict, Verdict::pass);
  record.environment = "sha256:bb";
  EXPECT_TRUE(history.add(record).value());
}

TEST_F(HistoryTest, promotes_with_the_verdict) {
  History history = open();
  Record record = record_of_night("gitea", "one", Verdict::pass);
  record.promoted = true;
  ASSERT_TRUE(history.add(record).value());
  Record later = record_of_night("gitea", "two", Verdict::fail);
  later.version = "2.0.0+1";
  ASSERT_TRUE(history.add(later).value());
  EXPECT_EQ(history.canonicals()->at("gitea").version, "1.0.0+1");
  // A second delivery must not bring an old version back.
  later.night = "three";
  later.promoted = true;
  ASSERT_TRUE(history.add(later).value());
  ASSERT_FALSE(history.add(record).value());
  EXPECT_EQ(history.canonicals()->at("gitea").version, "2.0.0+1");
}

TEST_F(HistoryTest, two_writers_at_once_lose_nothing) {
  open();
  const auto write = [this](const std::string& machine) {
    History history = open();
    for (int i = 0; i < 20; ++i) {
      Record record = record_of_night("r" + std::to_string(i), "night", Verdict::pass);
      record.machine = machine;
      EXPECT_TRUE(history.add(record));
    }
  };
  std::thread one(write, "one");
  std::thread two(write, "two");
  one.join();
  two.join();
  EXPECT_THAT(open().of_night("night").value(), SizeIs(20));
}

TEST_F(HistoryTest, knows_what_was_known_at_the_end_of_a_night) {
  History history = open();
  for (const char* night : {"one", "two", "three"})
    ASSERT_TRUE(history.begin({night, "2026-11-28T03:00:00Z", "", "e", "m"},
                              {{"gitea", std::string(night) != "two", "why", ""}}));
  ASSERT_TRUE(history.add(record_of_night("gitea", "one", Verdict::pass)));
  ASSERT_TRUE(history.add(record_of_night("gitea", "three", Verdict::fail)));
  EXPECT_EQ(history.as_of("one")->at("gitea").verdict, Verdict::pass);
  EXPECT_EQ(history.as_of("two")->at("gitea").verdict, Verdict::pass);
  EXPECT_EQ(history.as_of("three")->at("gitea").verdict, Verdict::fail);
}

// It is of another declaration, or not enrolled any more.
TEST_F(HistoryTest, a_recipe_of_other_nights_alone_does_not_count) {
  History history = open();
  ASSERT_TRUE(history.begin({"one", "2026-11-28T03:00:00Z", "", "e", "m"},
                            {{"gitea", true, "first run", ""}}));
  ASSERT_TRUE(history.begin({"other", "2026-11-28T04:00:00Z", "", "e", "m"},
                            {{"gone", true, "first run", ""}}));
  ASSERT_TRUE(history.begin({"two", "2026-11-29T03:00:00Z", "", "e", "m"},
                            {{"gitea", false, "no new version", ""}}));
  ASSERT_TRUE(history.add(record_of_night("gitea", "one", Verdict::pass)));
  ASSERT_TRUE(history.add(record_of_night("gone", "other", Verdict::fail)));
  ASSERT_TRUE(history.add(record_of_night("late", "two", Verdict::fail)));  // without a plan
  EXPECT_EQ(base::keys_of(history.as_of("one").value()), std::vector<std::string>{"gitea"});
  EXPECT_EQ(base::keys_of(history.as_of("other").value()), std::vector<std::string>{"gone"});
  EXPECT_EQ(base::keys_of(history.as_of("two").value()),
            (std::vector<std::string>{"gitea", "late"}));
}

TEST_F(HistoryTest, knows_what_was_known_before_a_night) {
  History history = open();
  ASSERT_TRUE(history.add(record_of_night("gitea", "one", Verdict::pass)));
  ASSERT_TRUE(history.add(record_of_night("gitea", "two", Verdict::fail)));
  EXPECT_EQ(history.before("two")->at("gitea").verdict, Verdict::pass);
  EXPECT_EQ(history.before("three")->at("gitea").verdict, Verdict::fail);
  EXPECT_TRUE(history.before("one")->empty());
  EXPECT_EQ(history.find("gitea", "two", "sha256:aa").value()->verdict, Verdict::fail);
  EXPECT_FALSE(history.find("gitea", "three", "sha256:aa").value());
}

TEST_F(HistoryTest, begins_and_ends_a_night_once) {
  History history = open();
  const Night night{"2026-11-28", "2026-11-28T03:00:00Z", "", "sha256:aa", "one"};
  ASSERT_TRUE(history.begin(night, {{"gitea", true, "first run", "1.0.0+1"}}));
  ASSERT_TRUE(history.begin({"2026-11-28", "later", "", "x", "two"},
                            {{"gitea", false, "other", ""}, {"wiki", true, "first run", ""}}));
  EXPECT_EQ(history.night("2026-11-28").value(), night);
  EXPECT_EQ(history.plan("2026-11-28")->at(0).reason, "first run");
  EXPECT_THAT(history.plan("2026-11-28").value(), SizeIs(2));
  ASSERT_TRUE(history.end("2026-11-28", "2026-11-28T04:00:00Z"));
  ASSERT_TRUE(history.end("2026-11-28", "2026-11-28T09:00:00Z"));
  EXPECT_EQ(history.last_night().value()->ended, "2026-11-28T04:00:00Z");
}

TEST_F(HistoryTest, a_later_layout_is_refused) {
  {
    auto database = open_sqlite(history_file(scratch_.path()), true);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->query(
        "CREATE TABLE layout (one INTEGER PRIMARY KEY, number INTEGER NOT NULL)", {}));
    ASSERT_TRUE((*database)->query("INSERT INTO layout VALUES (1, 99)", {}));
  }
  const auto opened = History::open("", scratch_.path(), Access::write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "history.newer");
  EXPECT_EQ(opened.error().field("path"), history_file(scratch_.path()).native());
}

// As a cc-ci before snapshots made it.
TEST_F(HistoryTest, an_earlier_layout_is_read_as_it_is_and_brought_on_by_a_sweep) {
  open();
  {
    auto database = open_sqlite(history_file(scratch_.path()), true).value();
    ASSERT_TRUE(database->query("DROP TABLE canonicals", {}));
    ASSERT_TRUE(database->query("ALTER TABLE nights DROP COLUMN partial", {}));
    ASSERT_TRUE(database->query("ALTER TABLE verdicts DROP COLUMN settings", {}));
    ASSERT_TRUE(database->query("ALTER TABLE verdicts DROP COLUMN dependencies", {}));
    ASSERT_TRUE(database->query(
        "INSERT INTO verdicts (recipe, night, environment, version, commit_id, started, verdict, "
        "level, milliseconds, peak_memory, reason, cause, decision, machine, place, promoted, "
        "rungs, images) VALUES ('b', 'n', 'e', '', '', '', 'pass', 0, 0, 0, '', '', '', '', '', 0, "
        "'[]', '{}')",
        {}));
    ASSERT_TRUE(
        database->query("INSERT INTO nights (name, started, ended, environment, machine) "
                        "VALUES ('n', 's', '', 'e', 'm')",
                        {}));
    ASSERT_TRUE(database->query(
        "CREATE TABLE canonicals (recipe TEXT PRIMARY KEY, version TEXT NOT NULL, commit_id TEXT "
        "NOT NULL, environment TEXT NOT NULL, night TEXT NOT NULL, date TEXT NOT NULL)",
        {}));
    ASSERT_TRUE(database->query("UPDATE layout SET number = 1", {}));
    ASSERT_TRUE(
        database->query("INSERT INTO canonicals (recipe, version, commit_id, environment, "
                        "night, date) VALUES ('a', '1.0.0+1', 'c', 'e', 'n', 'd')",
                        {}));
  }
  const auto look = History::open("", scratch_.path(), Access::read);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->canonicals()->at("a").version, "1.0.0+1");
  EXPECT_FALSE(look->night("n").value()->partial);
  EXPECT_EQ(look->latest()->at("b").settings, std::nullopt);
  auto sweep = History::open("", scratch_.path(), Access::write);
  ASSERT_TRUE(sweep);
  EXPECT_EQ(sweep->canonicals()->at("a").snapshot, "");
  EXPECT_FALSE(sweep->night("n").value()->partial);
  ASSERT_TRUE(sweep->begin({"some", "s", {}, "e", "m", true}, {}));
  EXPECT_TRUE(sweep->night("some").value()->partial);
  Record record{.recipe = "a", .night = "2026-11-28", .environment = "e"};
  record.version = "1.1.0+1";
  record.promoted = true;
  record.settings = std::map<std::string, std::string>{{"env", "1"}};
  record.dependencies = {{"db", "1.0.0+16"}};
  EXPECT_TRUE(sweep->add(record, "5eed").value());
  EXPECT_EQ(sweep->latest()->at("a").settings, record.settings);
  EXPECT_EQ(sweep->latest()->at("a").dependencies, record.dependencies);
  EXPECT_EQ(sweep->latest()->at("b").settings, std::nullopt);
  EXPECT_EQ(sweep->canonicals()->at("a").snapshot, "5eed");
}

TEST_F(HistoryTest, says_that_nothing_is_stored_and_makes_nothing) {
  const auto opened = History::open("", scratch_.path() / "absent", Access::read);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(base::Condition::not_found));
  EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "absent"));
}

// Its content is lost: a file that cc-ci makes is never empty.
TEST_F(HistoryTest, an_empty_file_is_damaged) {
  std::ofstream(history_file(scratch_.path())).close();
  for (const Access access : {Access::read, Access::write}) {
    const auto opened = History::open("", scratch_.path(), access);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "history.damaged");
  }
  EXPECT_EQ(std::filesystem::file_size(history_file(scratch_.path())), 0U);
}

TEST_F(HistoryTest, a_new_file_has_content_before_its_first_table) {
  const auto database = open_sqlite(history_file(scratch_.path()), true);
  ASSERT_TRUE(database);
  EXPECT_GT(std::filesystem::file_size(history_file(scratch_.path())), 0U);
  EXPECT_EQ(History::open("", scratch_.path(), Access::read).error().code, "history.none");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch_.path()), {}), 1);
}

TEST_F(HistoryTest, many_who_make_the_file_at_once_get_one) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_TRUE(open().add(record_of_night("r" + std::to_string(i), "night", Verdict::pass)));
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_THAT(open().of_night("night").value(), SizeIs(8));
}

TEST_F(HistoryTest, a_database_of_another_program_is_left_alone) {
  for (const char* table : {"CREATE TABLE notes (text TEXT)", "CREATE TABLE layout (name TEXT)"}) {
    std::filesystem::remove(history_file(scratch_.path()));
    {
      auto database = open_sqlite(history_file(scratch_.path()), true).value();
      ASSERT_TRUE(database->query(table, {}));
    }
    for (const Access access : {Access::read, Access::write}) {
      const auto opened = History::open("", scratch_.path(), access);
      ASSERT_FALSE(opened) << table;
      EXPECT_EQ(opened.error().code, "history.foreign");
      EXPECT_EQ(opened.error().field("path"), history_file(scratch_.path()).native());
      EXPECT_FALSE(opened.error().is(base::Condition::not_found)) << "a look would go on";
    }
    auto database = open_sqlite(history_file(scratch_.path()), true).value();
    EXPECT_THAT(database->query("SELECT name FROM sqlite_master", {}).value(), SizeIs(1));
  }
}

TEST_F(HistoryTest, a_directory_is_no_file) {
  std::filesystem::create_directory(history_file(scratch_.path()));
  for (const Access access : {Access::read, Access::write}) {
    const auto opened = History::open("", scratch_.path(), access);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().field("problem"), "expected a file, found a directory");
  }
}

TEST_F(HistoryTest, a_full_file_system_has_a_remedy) {
  open();
  auto database = open_sqlite(history_file(scratch_.path()), true).value();
  // SQLite says the same as on a full disk.
  ASSERT_TRUE(database->query("PRAGMA max_page_count = 1", {}));
  const auto stored = database->query("CREATE TABLE many (text TEXT)", {});
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().field("problem"), "database or disk is full");
  EXPECT_THAT(std::string(stored.error().field("remedy")), HasSubstr("cc-ci gc"));
  ASSERT_TRUE(database->query("PRAGMA query_only = ON", {}));
  EXPECT_NE(database->query("DELETE FROM nights", {}).error().field("remedy"), "");
}

TEST_F(HistoryTest, other_data_is_no_database) {
  std::ofstream(history_file(scratch_.path())) << std::string(5000, 'x');
  const auto opened = History::open("", scratch_.path(), Access::read);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "history.damaged");
  EXPECT_EQ(opened.error().field("problem"), "expected a database of SQLite, found other data");
}

TEST_F(HistoryTest, damage_is_named) {
  {
    History history = open();
    std::vector<Record> many;
    for (int i = 0; i < 200; ++i)
      many.push_back(record_of_night("recipe" + std::to_string(i), "night", Verdict::pass));
    ASSERT_EQ(history.add_all(many).value(), many.size());
    EXPECT_TRUE(history.check());
  }
  {
    std::fstream file(history_file(scratch_.path()),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 6);
    file << std::string(4096 * 4, '\xA5');
  }
  auto opened = History::open("", scratch_.path(), Access::write);
  if (opened) {
    const auto checked = opened->check();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "history.damaged");
  } else {
    EXPECT_EQ(opened.error().code, "history.damaged");
  }
}

TEST_F(HistoryTest, a_verdict_takes_less_than_two_kilobytes) {
  constexpr int count = 2000;
  {
    std::vector<Record> many;
    for (int i = 0; i < count; ++i) {
      Record record = record_of_night("recipe" + std::to_string(i % 100),
                                      "2026-11-" + std::to_string(i / 100), Verdict::pass);
      record.environment = "sha256:" + std::string(64, 'e');
      record.commit = std::string(40, 'c');
      record.images = {{"registry.example.org/app:1.0", "sha256:" + std::string(64, '1')},
                       {"registry.example.org/db:15", "sha256:" + std::string(64, '2')}};
      record.rungs.assign(8, {"redeploy", "pass", std::chrono::milliseconds(12345)});
      many.push_back(record);
    }
    ASSERT_EQ(open().add_all(many).value(), many.size());
  }
  EXPECT_LT(std::filesystem::file_size(history_file(scratch_.path())), count * 2000U);
}

}  // namespace
}  // namespace ccci::history
