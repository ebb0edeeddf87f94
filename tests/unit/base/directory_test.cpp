// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/directory.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>

#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

TEST(EntriesOf, HasEveryEntryOfADirectory) {
  const test::Scratch scratch;
  std::ofstream(scratch.path() / "one") << "1";
  std::filesystem::create_directory(scratch.path() / "two");
  const auto entries = entries_of(scratch.path());
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(entries->size(), 2U);
}

TEST(EntriesOf, HasNothingOfADirectoryThatIsAbsent) {
  const test::Scratch scratch;
  const auto entries = entries_of(scratch.path() / "absent");
  ASSERT_TRUE(entries.has_value());
  EXPECT_TRUE(entries->empty());
}

// An iterator of the standard library would end here, as if the directory were empty.
TEST(EntriesOf, TellsThatADirectoryCannotBeRead) {
  const test::Scratch scratch;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto entries = entries_of(scratch.path());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(entries.has_value());
  EXPECT_EQ(entries.error().code, "base.open");
  EXPECT_TRUE(entries.error().is(std::errc::too_many_files_open));
}

}  // namespace
}  // namespace ccci::base
