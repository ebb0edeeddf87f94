// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "enter/mounts.hpp"

namespace ccci::enter {
namespace {

struct Answer {
  bool harmless;
  std::uint64_t digest;
};

Answer look_at(std::string table) {
  Digest digest;
  MountSum shared = 0;
  const bool harmless = digest_mount_table(table.data(), digest, shared);
  return {harmless, digest.value()};
}

const std::string root = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n";

TEST(Mounts, shared_ones_come_and_go_unnoticed) {
  const std::string shared = "60 27 8:1 / /srv rw,relatime shared:12 - ext4 /dev/sda1 rw\n";
  const std::string both = "60 27 8:1 / /srv rw,relatime shared:12 master:3 - ext4 /dev/sda1 rw\n";
  EXPECT_EQ(look_at(root + shared).digest, look_at(root).digest);
  EXPECT_EQ(look_at(root + both).digest, look_at(root).digest);
  EXPECT_TRUE(look_at(root + shared).harmless);
}

TEST(Mounts, private_ones_are_noticed) {
  const std::string mount = "60 27 0:50 / /mnt rw,relatime - tmpfs x rw\n";
  EXPECT_NE(look_at(root + mount).digest, look_at(root).digest);
  EXPECT_TRUE(look_at(root + mount).harmless);
  for (const char* other : {"61 27 0:50 / /mnt rw,relatime - tmpfs x rw\n",
                            "60 27 0:50 / /mnt ro,relatime - tmpfs x rw\n",
                            "60 27 0:50 / /mn2 rw,relatime - tmpfs x rw\n"}) {
    EXPECT_NE(look_at(root + mount).digest, look_at(root + other).digest) << other;
  }
}

TEST(Mounts, a_private_file_system_that_could_be_unmounted_forbids_keeping) {
  for (const char* type : {"ext4", "nfs4", "fuse.sshfs", "overlay", "iso9660"}) {
    EXPECT_FALSE(look_at(root + "60 27 8:1 / /srv rw - " + type + " /dev/x rw\n").harmless) << type;
  }
  EXPECT_TRUE(look_at(root).harmless) << "'/' stays as long as its namespace";
  EXPECT_TRUE(look_at(root + "60 27 8:1 / /srv rw master:4 - ext4 /dev/x rw\n").harmless)
      << "a slave is unmounted with its master";
}

TEST(Mounts, our_own_do_not_count) {
  const std::string own =
      "42 27 254:0 /run/cc-ci/ns /run/cc-ci/ns rw - ext4 /dev/vda rw\n"
      "68 42 0:4 mnt:[4026532177] /run/cc-ci/ns/0123-ab rw - nsfs nsfs rw\n";
  EXPECT_EQ(look_at(root + own).digest, look_at(root).digest);
  EXPECT_TRUE(look_at(root + own).harmless);
  EXPECT_FALSE(look_at(root + "42 27 254:0 / /run/cc-ci/nsx rw - ext4 /dev/vda rw\n").harmless);
}

TEST(Mounts, a_damaged_table_is_no_reason_to_run_wild) {
  for (const char* table : {"", "\n", "1", "1 2 3 4 5 6", "1 2 3 4 5 6 -", "- - - - - - - -\n"}) {
    look_at(table);
  }
}

// The sum of the namespace's own mounts, by the tables of the caller and of the namespace.
MountSum own(std::string caller, std::string inside) {
  Digest digest;
  MountSum shared = 0;
  digest_mount_table(caller.data(), digest, shared);
  return sum_mount_table(inside.data(), EntrypointView{}) - shared;
}

const std::string host_root = "27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n";
const std::string slave_root = "90 80 254:0 / / rw master:1 - ext4 /dev/vda rw\n";
const std::string usr = "95 90 254:0 /store/usr /usr ro master:1 - ext4 /dev/vda rw\n";
const std::string host_mount = "60 27 8:1 / /srv rw shared:12 master:3 - ext4 /dev/sda1 rw\n";
const std::string slave_mount = "99 90 8:1 / /srv ro master:12 - ext4 /dev/sda1 rw\n";

TEST(Mounts, what_the_host_mounts_leaves_a_namespace_as_it_was) {
  const MountSum before = own(host_root, slave_root + usr);
  EXPECT_EQ(own(host_root + host_mount, slave_root + usr + slave_mount), before);
  EXPECT_EQ(own(host_mount + host_root, slave_mount + usr + slave_root), before) << "any order";
}

TEST(Mounts, what_a_command_inside_mounts_changes_it) {
  const MountSum before = own(host_root, slave_root + usr);
  const std::string writable = "95 90 254:0 /store/usr /usr rw master:1 - ext4 /dev/vda rw\n";
  EXPECT_NE(own(host_root, slave_root + writable), before);
  EXPECT_NE(own(host_root, slave_root), before);
  EXPECT_NE(own(host_root + host_mount, slave_root + usr), before);
  for (const char* mount : {"99 90 0:50 / /mnt rw - tmpfs x rw\n",
                            "99 90 254:0 /usr /mnt rw master:1 - ext4 /dev/vda rw\n",
                            "99 90 254:0 /usr /mnt rw shared:9 master:1 - ext4 /dev/vda rw\n"}) {
    EXPECT_NE(own(host_root, slave_root + usr + mount), before) << mount;
  }
}

}  // namespace
}  // namespace ccci::enter
