// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/generations.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "activate/observe.hpp"
#include "activate/retention.hpp"
#include "base/hash.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::activate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class GenerationsTest : public testing::Test {
 protected:
  Generation publish(std::uint64_t number) {
    Generation generation;
    generation.number = number;
    generation.host = "ci-1";
    generation.system = "0123-ci-1";
    generation.system_path = "/var/lib/cc-ci/store/system/0123-ci-1/root";
    generation.project = "/srv/ci";
    generation.attached = {{"worker.service", "0123"}};
    generation.health.commands = {{"docker", "info"}};
    std::map<std::string, std::string> texts;
    for (const char* name : {"n.service", "n.timer", "worker.service.d/50-cc-ci.conf"}) {
      texts[name] = std::string("text of ") + name;
      generation.units[name] = base::sha256(texts[name]).hex();
    }
    const auto published = generations_.publish(generation, texts);
    EXPECT_TRUE(published) << published.error().code;
    return generation;
  }
  fs::path home() const { return scratch_ / "usr/local/lib/cc-ci"; }

  test::Scratch scratch_;
  Generations generations_{Layout(scratch_.path())};
};

TEST_F(GenerationsTest, WhatIsPublishedIsReadBack) {
  const Generation generation = publish(1);
  const auto read = generations_.read(1);
  ASSERT_TRUE(read) << read.error().field("problem");
  EXPECT_EQ(*read, generation);
  EXPECT_TRUE(generations_.intact(*read));
  EXPECT_EQ(*generations_.unit_text(*read, "n.timer"), "text of n.timer");
  EXPECT_EQ(fs::read_symlink(home() / "generations/1/project"), "/srv/ci");
  EXPECT_EQ(generations_.next().value_or(0), 2U);
}

TEST_F(GenerationsTest, ChangedUnitIsNotIntact) {
  const Generation generation = publish(1);
  test::write_text(home() / "generations/1/systemd/n.timer", "by hand");
  EXPECT_FALSE(generations_.intact(generation));
}

TEST_F(GenerationsTest, NothingIsCurrentAtFirst) {
  EXPECT_EQ(*generations_.current(), 0U);
  EXPECT_EQ(generations_.confirmed(), 0U);
  EXPECT_EQ(*generations_.read(0), Generation{});
}

TEST_F(GenerationsTest, CurrentMovesToAndFro) {
  publish(1);
  publish(2);
  for (const std::uint64_t number : {1U, 2U, 1U}) {
    ASSERT_TRUE(generations_.point("current", number));
    EXPECT_EQ(*generations_.current(), number);
  }
  ASSERT_TRUE(generations_.point("current", 0));
  EXPECT_EQ(*generations_.current(), 0U);
}

TEST_F(GenerationsTest, CurrentThatLeadsNowhereIsAnError) {
  publish(1);
  ASSERT_TRUE(generations_.point("current", 7));
  const auto current = generations_.current();
  ASSERT_FALSE(current);
  EXPECT_EQ(current.error().code, "activate.current");
}

TEST_F(GenerationsTest, PublishingOverALeftoverOfAKilledSwitch) {
  fs::create_directories(home() / "generations/.1.new/systemd");
  test::write_text(home() / "generations/.1.new/record.json", "half");
  EXPECT_THAT(generations_.numbers().value(), IsEmpty());
  const Generation generation = publish(1);
  EXPECT_EQ(*generations_.read(1), generation);
}

TEST_F(GenerationsTest, LeftoversAreCleared) {
  fs::create_directories(home() / "generations/.4.new/systemd");
  ASSERT_TRUE(generations_.clear_staged());
  EXPECT_TRUE(fs::is_empty(home() / "generations"));
}

TEST_F(GenerationsTest, CurrentIsNeverRemoved) {
  publish(1);
  publish(2);
  ASSERT_TRUE(generations_.point("current", 2));
  EXPECT_THROW(static_cast<void>(generations_.remove(2)), std::logic_error);
  ASSERT_TRUE(generations_.remove(1));
  EXPECT_THAT(generations_.numbers().value(), ElementsAre(2));
}

TEST_F(GenerationsTest, RecordOfAnotherNumberIsRefused) {
  publish(1);
  fs::rename(home() / "generations/1", home() / "generations/2");
  const auto read = generations_.read(2);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "activate.record");
}

TEST(Records, HostileTextIsAnError) {
  for (const char* text : {"", "[]", "{}", "{\"schema\":2}", "{\"schema\":1,\"number\":\"x\"}"}) {
    const auto read = read_record(text, "record.json");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "activate.record");
  }
}

TEST(Records, NumbersAreWholeAndWithinBounds) {
  Generation generation;
  generation.number = 1;
  const std::string good = write_record(generation);
  ASSERT_TRUE(read_record(good, "record.json"));
  const std::vector<std::pair<std::string, std::string>> bad{
      {"\"number\": 1", "\"number\": 1e78"},      {"\"number\": 1", "\"number\": -1"},
      {"\"schema\": 1", "\"schema\": 1e78"},      {"\"schema\": 1", "\"schema\": [[1]]"},
      {"\"deadline\": 60", "\"deadline\": 1e78"}, {"\"deadline\": 60", "\"deadline\": 4294967296"}};
  for (const auto& [from, to] : bad) {
    std::string text = good;
    ASSERT_NE(text.find(from), std::string::npos) << from;
    EXPECT_FALSE(read_record(text.replace(text.find(from), from.size(), to), "record.json")) << to;
  }
}

TEST(Records, UnitsOutOfPlaceAreRefused) {
  for (const char* path : {"../x.service", "a/b.service", "x.conf", "x.service.d/99.conf",
                           ".service", "-x.service", "x y.service", "x.socket"}) {
    EXPECT_FALSE(is_unit_path(path)) << path;
  }
  for (const char* path : {"x.service", "x@1.timer", "a-b_c.service.d/50-cc-ci.conf"}) {
    EXPECT_TRUE(is_unit_path(path)) << path;
  }
}

TEST(Retention, CurrentAndConfirmedStay) {
  EXPECT_THAT(superfluous({1, 2, 3, 4, 5}, 1, 2, 3), ElementsAre(3, 4));
  EXPECT_THAT(superfluous({1, 2, 3, 4, 5}, 5, 5, 3), ElementsAre(1, 2));
  EXPECT_THAT(superfluous({1, 2, 3}, 2, 1, 0), ElementsAre(3));
  EXPECT_THAT(superfluous({1, 2}, 2, 2, 20), IsEmpty());
}

TEST_F(GenerationsTest, OfADamagedOneItsFilesTell) {
  Generation generation = publish(1);
  ASSERT_TRUE(generations_.point("current", 1));
  for (const char* text : {"", "{\"schema\":1", "\xff"}) {
    test::write_text(home() / "generations/1/record.json", text);
    ASSERT_FALSE(generations_.read(1));
    const Generation found = generations_.standing();
    EXPECT_EQ(found.number, 1U);
    EXPECT_EQ(found.host, "ci-1");
    EXPECT_EQ(found.system, generation.system);
    EXPECT_EQ(found.system_path, generation.system_path);
    EXPECT_EQ(found.project, "/srv/ci");
    EXPECT_EQ(found.units, generation.units);
  }
  ASSERT_TRUE(generations_.point("current", 7));
  EXPECT_EQ(generations_.standing().number, 1U) << "the newest there is";
  EXPECT_FALSE(generations_.salvage(7));
  ASSERT_TRUE(generations_.point("current", 0));
  EXPECT_EQ(generations_.standing(), Generation{});
}

// Its timers would stay after an uninstall.
TEST_F(GenerationsTest, OfADamagedOneNoUnitIsForgottenBecauseItCannotBeRead) {
  publish(1);
  test::write_text(home() / "generations/1/record.json", "");
  ASSERT_TRUE(generations_.salvage(1));
  fs::remove_all(home() / "generations/1/systemd");
  EXPECT_TRUE(generations_.salvage(1)) << "it has none";
  fs::create_symlink("systemd", home() / "generations/1/systemd");
  EXPECT_FALSE(generations_.salvage(1));
}

// Otherwise the roots of all generations would be dropped, and gc would remove the active one.
TEST_F(GenerationsTest, ADirectoryThatCannotBeReadIsNotEmpty) {
  fs::create_directories(home());
  std::ofstream(home() / "generations") << "no directory";
  EXPECT_FALSE(generations_.numbers().has_value());
  EXPECT_FALSE(generations_.next().has_value());
}

TEST_F(GenerationsTest, LinksThatCannotBeReadAreTold) {
  const Layout layout(scratch_.path());
  EXPECT_TRUE(our_links(layout).value().empty());
  fs::create_directories(layout.at(wants_directory).parent_path());
  std::ofstream(layout.at(wants_directory)) << "no directory";
  const auto links = our_links(layout);
  ASSERT_FALSE(links.has_value());
  EXPECT_EQ(links.error().code, "base.open");
}

}  // namespace
}  // namespace ccci::activate
