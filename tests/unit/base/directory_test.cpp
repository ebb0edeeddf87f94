// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/directory.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>

#include "base/files.hpp"
#include "tests/support/no_descriptors.hpp"
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

TEST(NamesIn, AreSortedAndTellThatTheyCannotBeRead) {
  const test::Scratch scratch;
  std::ofstream(scratch / "b") << "";
  std::filesystem::create_directory(scratch / "a");
  const auto directory = open_path(scratch.path(), O_PATH | O_DIRECTORY);
  ASSERT_TRUE(directory);
  EXPECT_EQ(names_in(directory->get()).value(), (std::vector<std::string>{"a", "b"}));
  const test::NoDescriptors none;
  const auto names = names_in(directory->get());
  ASSERT_FALSE(names);
  EXPECT_TRUE(names.error().is(std::errc::too_many_files_open));
}

TEST(Through, LeadsToWhatIsOpenWhateverHasItsName) {
  const test::Scratch scratch;
  std::filesystem::create_directory(scratch / "mine");
  const auto directory = open_path(scratch / "mine", O_RDONLY | O_DIRECTORY);
  std::filesystem::rename(scratch / "mine", scratch / "moved");
  std::filesystem::create_directory_symlink("/nonexistent", scratch / "mine");
  ASSERT_TRUE(replace_file(through(directory->get()) / "file", "x"));
  EXPECT_TRUE(std::filesystem::exists(scratch / "moved/file"));
}

}  // namespace
}  // namespace ccci::base
