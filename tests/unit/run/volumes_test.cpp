// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/volumes.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

namespace fs = std::filesystem;

class VolumesTest : public testing::Test {
 protected:
  VolumesTest() {
    fs::create_directories(place);
    test::write_text(scratch / "host-file", "of the host");
  }

  test::Scratch scratch;
  fs::path place = scratch / "data/volumes/app_data/_data";
  Volumes volumes{scratch / "data"};
};

TEST_F(VolumesTest, have_a_witness) {
  EXPECT_EQ(volumes.witness_of("app_data"), "");
  ASSERT_TRUE(volumes.put_witness("app_data", "one"));
  EXPECT_EQ(volumes.witness_of("app_data"), "one");
  volumes.remove("app_data", Volumes::witness);
  EXPECT_EQ(volumes.witness_of("app_data"), "");
  EXPECT_FALSE(volumes.put_witness("other", "one"));
}

TEST_F(VolumesTest, are_looked_into) {
  test::write_text(place / "dump.sql", "insert");
  fs::create_directories(place / "files");
  const Volumes::Kept dump = volumes.look("app_data", "dump.sql");
  EXPECT_TRUE(dump.exists);
  EXPECT_EQ(dump.bytes, 6U);
  EXPECT_EQ(dump.digest.size(), 64U);
  EXPECT_TRUE(volumes.look("app_data", "files").directory);
  EXPECT_FALSE(volumes.look("app_data", "none").exists);
}

// An app made these links. Root must not follow them out of the volume.
TEST_F(VolumesTest, lead_nowhere_else) {
  fs::create_symlink(scratch / "host-file", place / "dump.sql");
  fs::create_directory_symlink(scratch.path(), place / "out");
  fs::create_symlink(scratch / "host-file", place / Volumes::witness);
  EXPECT_FALSE(volumes.look("app_data", "dump.sql").exists);
  EXPECT_FALSE(volumes.look("app_data", "../../../../host-file").exists);
  EXPECT_EQ(volumes.witness_of("app_data"), "");
  volumes.remove("app_data", "out/host-file");
  ASSERT_TRUE(volumes.put_witness("app_data", "mine"));
  ASSERT_TRUE(volumes.clear("app_data"));
  EXPECT_TRUE(fs::is_empty(place));
  EXPECT_EQ(test::read_text(scratch / "host-file"), "of the host");
}

TEST_F(VolumesTest, have_holes_that_a_copy_would_fill) {
  constexpr std::uint64_t tera = 1ULL << 40U;
  test::write_text(place / "full", std::string(3U << 20U, 'x'));
  EXPECT_EQ(volumes.holes("app_data", "").bytes, 0U);
  fs::create_directories(place / "data");
  test::write_text(place / "data/sparse", "begin");
  fs::resize_file(place / "data/sparse", tera);
  fs::create_directory_symlink(place / "data", place / "link");
  for (const char* path : {"", "data", "data/sparse"}) {
    const Volumes::Holes found = volumes.holes("app_data", path);
    EXPECT_EQ(found.file, "data/sparse") << path;
    EXPECT_EQ(found.announced, tera);
    EXPECT_GT(found.bytes, tera - (1U << 20U));
    EXPECT_LE(found.bytes, tera);
  }
  EXPECT_EQ(volumes.holes("app_data", "none").bytes, 0U);
  // It is not read to its end.
  int asked = 0;
  const Volumes::Kept kept = volumes.look("app_data", "data/sparse", [&] { return ++asked > 2; });
  EXPECT_EQ(kept.bytes, tera);
  EXPECT_EQ(kept.digest, "");
  EXPECT_EQ(asked, 3);
}

TEST_F(VolumesTest, never_wait_for_a_fifo) {
  ASSERT_EQ(mkfifo((place / "dump.sql").c_str(), 0600), 0);
  const Volumes::Kept found = volumes.look("app_data", "dump.sql");
  EXPECT_TRUE(found.exists);
  EXPECT_EQ(found.digest, "");
}

}  // namespace
}  // namespace ccci::run
