// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/full_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::base {
namespace {

constexpr std::string_view mounts =
    "1 0 8:1 / / rw - ext4 /dev/a rw\n"
    "2 1 8:2 / /var rw - ext4 /dev/b rw\n"
    "3 2 0:9 / /var/lib/my\\040disk rw - tmpfs t rw\n"
    "4 1 8:3 / /varnish rw - ext4 /dev/c rw\n";

TEST(FullDisk, LongestMountAboveThePathHasIt) {
  EXPECT_EQ(mount_of("/etc/x", mounts), "/");
  EXPECT_EQ(mount_of("/var/lib/x", mounts), "/var");
  EXPECT_EQ(mount_of("/var", mounts), "/var");
  EXPECT_EQ(mount_of("/various", mounts), "/");
  EXPECT_EQ(mount_of("/var/lib/my disk/x", mounts), "/var/lib/my disk");
  EXPECT_EQ(mount_of("relative", mounts), "");
}

TEST(FullDisk, OnlyAFullDiskIsNamed) {
  const Error full = at_path(fail("base.write").with_errno(ENOSPC), "/proc/x");
  EXPECT_EQ(full.field("path"), "/proc/x");
  EXPECT_EQ(full.field("full"), "/proc");
  EXPECT_TRUE(full.is(Condition::no_space));
  const Error other = at_path(fail("base.write").with_errno(EACCES), "/proc/x");
  EXPECT_EQ(other.field("path"), "/proc/x");
  EXPECT_EQ(other.field("full"), "");
  EXPECT_FALSE(other.is(Condition::no_space));
}

TEST(FullDisk, WritingSaysWhere) {
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto written = write_all(full.get(), "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().field("path"), "/dev/full");
  EXPECT_EQ(written.error().field("full"),
            mount_of("/dev/full", read_file("/proc/self/mountinfo", 1U << 24U).value_or("")));
}

// A disk that is full at the last moment.
class FullLater : public Disk {
 public:
  Result<void> sync(int) override { return unexpected(fail("base.sync").with_errno(ENOSPC)); }
};

TEST(FullDisk, FileThatIsReplacedHasItsWholePath) {
  const test::Scratch scratch;
  const auto directory = open_path(scratch.path(), O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(directory);
  FullLater disk;
  const auto replaced = replace_file(directory->get(), "leaf-2.pem", "x", 0644, disk);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().field("path"), (scratch.path() / "leaf-2.pem").native());
  EXPECT_FALSE(replaced.error().field("full").empty());
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

}  // namespace
}  // namespace ccci::base
