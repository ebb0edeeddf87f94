// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/bisect.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "tests/support/scratch.hpp"

namespace ccci::sweep {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

history::Record record(const std::string& night, const std::string& commit,
                       const std::string& environment, history::Verdict verdict) {
  history::Record one{.recipe = "gitea", .night = night, .environment = environment};
  one.commit = commit;
  one.verdict = verdict;
  return one;
}

// Commits c0 (green) to c9 (red); revisions r0 to r4 and the files as they are now.
Suspects both_moved() {
  Suspects suspects;
  suspects.turn.green = record("1", "c0", "e0", history::Verdict::pass);
  suspects.turn.red = record("2", "c9", "e5", history::Verdict::fail);
  for (int i = 1; i < 10; ++i) suspects.commits.push_back("c" + std::to_string(i));
  for (int i = 0; i < 5; ++i)
    suspects.revisions.push_back(
        {"r" + std::to_string(i), "e" + std::to_string(i), "s" + std::to_string(i)});
  suspects.revisions.push_back({"", "e5", ""});
  return suspects;
}

int number_of(const std::string& name, int none) {
  return name.empty() ? none : std::stoi(name.substr(1));
}

using Red = std::function<bool(int commit, int revision)>;

Bisected search_all(const Suspects& suspects, const std::function<bool(int, int, int)>& red) {
  return bisect(suspects,
                [&](const State& state) {
                  return base::Result<history::Verdict>(red(number_of(state.commit, 0),
                                                            number_of(state.environment.commit, 5),
                                                            number_of(state.settings.commit, 5))
                                                            ? history::Verdict::fail
                                                            : history::Verdict::pass);
                })
      .value();
}

Bisected search(const Suspects& suspects, const Red& red) {
  return search_all(suspects, [&](int commit, int revision, int) { return red(commit, revision); });
}

// Settings of the revisions r0 to r4, and as they are now.
Suspects settings_moved_too() {
  Suspects suspects = both_moved();
  suspects.turn.green.settings = suspects.turn.red.settings =
      std::map<std::string, std::string>{{"env", "1"}};
  suspects.settings = suspects.revisions;
  suspects.file = "/srv/ci/cc-ci.toml";
  return suspects;
}

TEST(BisectTest, finds_the_first_red_commit) {
  for (int first = 1; first < 10; ++first) {
    const Bisected found = search(both_moved(), [&](int commit, int) { return commit >= first; });
    EXPECT_EQ(found.culprit, Culprit::recipe);
    EXPECT_EQ(found.first_red, "c" + std::to_string(first));
    EXPECT_EQ(found.last_green, "c" + std::to_string(first - 1));
    EXPECT_LE(found.trials.size(), 6U);
  }
}

TEST(BisectTest, finds_the_first_red_revision_of_the_declaration) {
  for (int first = 1; first < 6; ++first) {
    const Bisected found =
        search(both_moved(), [&](int, int revision) { return revision >= first; });
    EXPECT_EQ(found.culprit, Culprit::environment);
    EXPECT_EQ(found.first_red, first == 5 ? "" : "s" + std::to_string(first));
    EXPECT_EQ(found.last_green, "r" + std::to_string(first - 1));
  }
}

TEST(BisectTest, two_causes_at_once_are_both_named) {
  const Bisected found =
      search(both_moved(), [](int commit, int revision) { return commit > 3 || revision > 2; });
  EXPECT_EQ(found.culprit, Culprit::both);
}

TEST(BisectTest, finds_the_first_red_settings) {
  for (int first = 1; first < 6; ++first) {
    const Suspects suspects = settings_moved_too();
    const Bisected found =
        search_all(suspects, [&](int, int, int settings) { return settings >= first; });
    EXPECT_EQ(found.culprit, Culprit::settings);
    EXPECT_EQ(found.last_green, "r" + std::to_string(first - 1));
    EXPECT_EQ(explain(suspects, found).back(),
              "git -C /srv/ci diff r" + std::to_string(first - 1) +
                  (first == 5 ? "" : " s" + std::to_string(first)) + " -- cc-ci.toml");
  }
}

TEST(BisectTest, of_three_causes_all_are_named) {
  const Suspects suspects = settings_moved_too();
  const Bisected found = search_all(suspects, [](int commit, int revision, int settings) {
    return commit > 3 || revision > 2 || settings > 1;
  });
  EXPECT_EQ(found.culprit, Culprit::both);
  EXPECT_THAT(explain(suspects, found)[1],
              HasSubstr("the recipe, the environment, its settings. It is green only"));
}

TEST(BisectTest, settings_are_tried_though_the_environment_cannot_be_had_again) {
  Suspects suspects = settings_moved_too();
  suspects.revisions.clear();
  const auto found = search_all(suspects, [](int, int, int settings) { return settings >= 2; });
  EXPECT_EQ(found.culprit, Culprit::settings);
  suspects.revisions = both_moved().revisions;
  suspects.settings.clear();
  const Bisected none = search(suspects, [](int, int) { return true; });
  EXPECT_EQ(none.culprit, Culprit::unknown);
  EXPECT_THAT(explain(suspects, none)[1], HasSubstr("The settings of the green run"));
}

TEST(BisectTest, what_moved_besides_is_found_by_elimination) {
  Suspects suspects = both_moved();
  suspects.settings = {{}};
  const Red always = [](int, int) { return true; };
  EXPECT_EQ(search(suspects, always).culprit, Culprit::nothing);
  suspects.turn.green.images = {{"demo:1", "sha256:aa"}, {"other:1", "sha256:cc"}};
  suspects.turn.red.images = {{"demo:1", "sha256:bb"}, {"other:1", "sha256:cc"}};
  const Bisected found = search(suspects, always);
  EXPECT_EQ(found.culprit, Culprit::images);
  suspects.turn.reason_now = "install: the port is wrong";
  const auto lines = explain(suspects, found);
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_THAT(lines[0], HasSubstr(" is green, "));
  EXPECT_EQ(lines[1], "the last run is red for another reason: install: the port is wrong");
  EXPECT_THAT(lines[3], HasSubstr("demo:1"));
}

TEST(BisectTest, an_environment_that_cannot_be_had_again_is_said) {
  Suspects suspects = both_moved();
  suspects.revisions.clear();
  EXPECT_EQ(search(suspects, [](int, int) { return true; }).culprit, Culprit::unknown);
  EXPECT_EQ(search(suspects, [](int commit, int) { return commit > 4; }).first_red, "c5");
}

TEST(BisectTest, what_is_green_now_is_searched_no_further) {
  const Bisected found = search(both_moved(), [](int, int) { return false; });
  EXPECT_EQ(found.culprit, Culprit::gone);
  EXPECT_THAT(found.trials, SizeIs(1));
}

TEST(BisectTest, the_turn_is_the_first_red_run_after_the_last_green_one) {
  const test::Scratch scratch;
  auto history = history::History::open("", scratch.path(), history::Access::write).value();
  EXPECT_EQ(find_turn(history, "gitea").error().code, "sweep.not-red");
  ASSERT_TRUE(history.add(record("0", "c0", "e", history::Verdict::fail)));
  EXPECT_EQ(find_turn(history, "gitea").error().code, "sweep.never-green");
  ASSERT_TRUE(history.add(record("1", "c1", "e", history::Verdict::pass)));
  EXPECT_EQ(find_turn(history, "gitea").error().code, "sweep.not-red");
  ASSERT_TRUE(history.add(record("2", "", "e", history::Verdict::unverified)));
  ASSERT_TRUE(history.add(record("3", "c3", "e", history::Verdict::fail)));
  ASSERT_TRUE(history.add(record("4", "c4", "e", history::Verdict::fail)));
  const Turn turn = find_turn(history, "gitea").value();
  EXPECT_EQ(turn.green.commit, "c1");
  EXPECT_EQ(turn.red.commit, "c3");
}

}  // namespace
}  // namespace ccci::sweep
