// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "declare/declaration.hpp"
#include "lock/lock.hpp"
#include "project/lock_status.hpp"

namespace ccci::project {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

declare::Declaration declared(const std::string& text) {
  const auto parsed = declare::parse("[runtime]\n" + text, "cc-ci.toml");
  EXPECT_TRUE(parsed);
  return parsed.value_or(declare::Declaration{});
}

// What a lock of the declaration would give as reasons.
lock::Lock locked(const declare::Declaration& declaration) {
  lock::Lock lock;
  lock.asks = lock::fingerprint(declaration);
  for (const source::Wanted& wanted : lock::query(declaration, nullptr, {}, false).shared) {
    source::Package package;
    package.name = wanted.package;
    package.because = {wanted.because};
    lock.packages.push_back(std::move(package));
  }
  return lock;
}

TEST(Disagreement, NamesWhatIsMissingAndWhatIsNoLongerWanted) {
  const declare::Declaration before =
      declared("tools = [\"git\", \"python3\"]\npython = [\"yaml\"]\npackages = [\"worker\"]\n");
  const lock::Lock lock = locked(before);
  EXPECT_FALSE(disagreement(before, lock));
  const auto found = disagreement(
      declared("tools = [\"jq\", \"python3\"]\npython = [\"lxml\"]\npackages = [\"fonts\"]\n"),
      lock);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->missing, ElementsAre("library fonts", "python lxml", "tool jq"));
  EXPECT_THAT(found->extra, ElementsAre("library worker", "python yaml", "tool git"));
  EXPECT_FALSE(found->other);
}

TEST(Disagreement, APinnedToolThatIsDeclaredIsNotInExcess) {
  const std::string pinned = "[packages.abra]\nfile = \"abra.tar.gz\"\nsha256 = \"" +
                             std::string(64, 'a') + "\"\ncommands = { abra = \"abra\" }\n";
  lock::Lock lock = locked(declared("tools = [\"abra\", \"git\"]\n" + pinned));
  source::Package archive;
  archive.name = "abra";
  archive.because = {"tool abra"};
  lock.packages.push_back(archive);
  const auto found = disagreement(declared("tools = [\"abra\", \"git\", \"jq\"]\n" + pinned), lock);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->missing, ElementsAre("tool jq"));
  EXPECT_THAT(found->extra, IsEmpty());
}

TEST(Disagreement, AnotherSourceIsNoName) {
  const lock::Lock lock = locked(declared("tools = [\"git\"]\n"));
  const auto found =
      disagreement(declared("tools = [\"git\"]\n[sources.debian]\nsuite = \"trixie\"\n"), lock);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->missing, IsEmpty());
  EXPECT_THAT(found->extra, IsEmpty());
  EXPECT_TRUE(found->other);
}

}  // namespace
}  // namespace ccci::project
