// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/compare.hpp"

#include <gmock/gmock.h>

namespace ccci::history {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Record run_of(const std::string& recipe, Verdict verdict, int seconds, std::uint64_t memory = 0) {
  Record record{.recipe = recipe, .night = "n", .environment = "e"};
  record.verdict = verdict;
  record.time = std::chrono::seconds(seconds);
  record.peak_memory = memory;
  return record;
}

States states(std::initializer_list<Record> records) {
  States found;
  for (const Record& record : records) found.emplace(record.recipe, record);
  return found;
}

TEST(CompareTest, names_what_turned) {
  const auto found =
      compare(states({run_of("a", Verdict::pass, 5), run_of("b", Verdict::fail, 5),
                      run_of("c", Verdict::pass, 5), run_of("d", Verdict::pass, 5),
                      run_of("g", Verdict::fail, 5)}),
              states({run_of("a", Verdict::fail, 5), run_of("b", Verdict::pass, 5),
                      run_of("c", Verdict::flaky, 5), run_of("e", Verdict::pass, 5),
                      run_of("f", Verdict::fail, 5), run_of("g", Verdict::unverified, 5)}),
              {});
  ASSERT_THAT(found, SizeIs(7));
  EXPECT_EQ(found[0].change, Change::turned_red);
  EXPECT_EQ(found[1].change, Change::turned_green);
  EXPECT_EQ(name(found[2].change), "turned flaky");
  EXPECT_EQ(found[3].change, Change::appeared);
  EXPECT_EQ(found[4].change, Change::appeared_red);
  EXPECT_EQ(name(found[5].change), "turned unverified");
  EXPECT_EQ(found[6].change, Change::vanished);
}

TEST(CompareTest, names_another_reason_of_what_was_not_green_before) {
  Record hook = run_of("a", Verdict::fail, 5);
  hook.reason = "backup: a hook failed";
  Record port = hook;
  port.reason = "install: nothing listens on port 80";
  EXPECT_THAT(compare(states({hook}), states({hook}), {}), IsEmpty());
  const auto found = compare(states({hook}), states({port}), {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].change, Change::other_reason);
  EXPECT_EQ(found[0].reason, port.reason);
}

TEST(CompareTest, slower_means_slower_than_its_own_noise) {
  const States before = states({run_of("a", Verdict::pass, 20)});
  const States after = states({run_of("a", Verdict::pass, 30)});
  EXPECT_THAT(needs_noise(before, after), SizeIs(1));
  const auto measured = [](std::initializer_list<int> all) {
    std::vector<Measure> measures;
    for (const int seconds : all) measures.push_back({std::chrono::seconds(seconds), 0});
    return Noise{{"a", measures}};
  };
  const auto steady = compare(before, after, measured({20, 20, 21, 19}));
  ASSERT_THAT(steady, SizeIs(1));
  EXPECT_EQ(steady[0].change, Change::slower);
  EXPECT_EQ(steady[0].before, "20.0 s");
  EXPECT_THAT(compare(before, after, measured({20, 40, 10, 30})), IsEmpty());
  EXPECT_THAT(compare(before, states({run_of("a", Verdict::pass, 22)}), {}), IsEmpty());
  EXPECT_THAT(
      compare(states({run_of("a", Verdict::pass, 1)}), states({run_of("a", Verdict::pass, 2)}), {}),
      IsEmpty());
}

TEST(CompareTest, growth_of_memory_is_named) {
  const auto found = compare(states({run_of("a", Verdict::pass, 5, 100'000'000)}),
                             states({run_of("a", Verdict::pass, 5, 200'000'000)}), {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].change, Change::grew);
  EXPECT_EQ(found[0].after, "200 MB");
  EXPECT_THAT(compare(states({run_of("a", Verdict::pass, 5, 0)}),
                      states({run_of("a", Verdict::pass, 5, 200'000'000)}), {}),
              IsEmpty());
}

}  // namespace
}  // namespace ccci::history
