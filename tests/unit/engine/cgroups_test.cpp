// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroups.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Ordinary directories in the place of a hierarchy: cgroup.procs are made by the test.
class CgroupsTest : public testing::Test {
 protected:
  CgroupsTest() {
    for (const char* name : {"memory", "unified"})
      std::filesystem::create_directory(scratch / name);
  }
  std::string line(const std::string& device, const std::string& point, const std::string& type) {
    return "30 25 " + device + " / " + point + " rw,relatime - " + type + " cgroup rw\n";
  }
  std::string mountinfo() {
    return "22 1 8:1 / / rw - ext4 /dev/sda rw\n" +
           line("0:30", (scratch / "memory").native(), "cgroup") +
           line("0:31", (scratch / "unified").native(), "cgroup2") +
           line("0:30", (scratch / "again").native(), "cgroup");
  }
  void put(const std::string& group, const std::string& file, const std::string& text) {
    std::filesystem::create_directories(scratch / group);
    test::write_text(scratch / group / file, text);
  }

  test::Scratch scratch;
};

TEST_F(CgroupsTest, are_made_in_every_hierarchy_once) {
  const Cgroups groups("run", mountinfo());
  put("memory/cc-ci/run/engine", "cgroup.procs", "");
  EXPECT_THAT(groups.create(), SizeIs(1));  // unified has no cgroup.procs: entering is not allowed
  EXPECT_TRUE(std::filesystem::is_directory(scratch / "unified/cc-ci/run/engine"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "again"));
  EXPECT_EQ(groups.containers(), "/cc-ci/run/containers");
}

TEST_F(CgroupsTest, find_processes_at_every_depth_once) {
  put("memory/cc-ci/run/engine", "cgroup.procs", "12\n10\n");
  put("memory/cc-ci/run/containers/abc", "cgroup.procs", "11\n0\n");
  put("unified/cc-ci/run/engine", "cgroup.procs", "10\n");
  put("memory/cc-ci/other/engine", "cgroup.procs", "99\n");
  EXPECT_THAT(Cgroups("run", mountinfo()).processes().value(), ElementsAre(10, 11, 12));
}

// A file in the place of a directory, or of the list of processes a directory: none is "empty".
TEST_F(CgroupsTest, that_cannot_be_read_are_not_taken_for_empty_ones) {
  put("memory/cc-ci/run/engine", "cgroup.procs", "12\n");
  std::filesystem::create_directories(scratch / "unified/cc-ci/run/cgroup.procs");
  EXPECT_FALSE(Cgroups("run", mountinfo()).processes());
  std::filesystem::remove_all(scratch / "unified/cc-ci/run");
  EXPECT_TRUE(Cgroups("run", mountinfo()).processes());
  put("unified/cc-ci", "run", "");
  const Cgroups groups("run", mountinfo());
  EXPECT_FALSE(groups.processes());
  EXPECT_THAT(groups.remove(),
              testing::Contains(testing::HasSubstr((scratch / "unified/cc-ci/run").native())));
}

TEST_F(CgroupsTest, tell_a_process_of_a_container) {
  put("unified/cc-ci/run/containers/abc", "cgroup.procs", "21\n");
  put("unified/cc-ci/run/containers/abc/inner", "cgroup.procs", "20\n0\n");
  put("unified/cc-ci/run/containers/other", "cgroup.procs", "7\n");
  const Cgroups groups("run", mountinfo());
  EXPECT_EQ(groups.process_of("abc"), 20);
  for (const char* nobody : {"", "none", "..", "abc/inner"})
    EXPECT_EQ(groups.process_of(nobody), 0) << nobody;
}

TEST_F(CgroupsTest, are_removed_with_all_below_and_the_rest_is_named) {
  std::filesystem::create_directories(scratch / "memory/cc-ci/run/containers/abc");
  put("unified/cc-ci/run/containers/busy", "file", "");
  const auto left = Cgroups("run", mountinfo()).remove();
  EXPECT_THAT(left, testing::Contains((scratch / "unified/cc-ci/run/containers/busy").native()));
  EXPECT_FALSE(std::filesystem::exists(scratch / "memory/cc-ci"));
}

TEST_F(CgroupsTest, know_the_peak_of_both_versions) {
  EXPECT_EQ(Cgroups("run", mountinfo()).peak_memory(), std::nullopt);
  put("memory/cc-ci/run", "memory.max_usage_in_bytes", "4096\n");
  EXPECT_EQ(Cgroups("run", mountinfo()).peak_memory(), 4096U);
  put("memory/cc-ci/run/containers", "memory.max_usage_in_bytes", "1024\n");
  EXPECT_EQ(Cgroups("run", mountinfo()).peak_memory(Cgroups::Part::containers), 1024U);
  put("unified/cc-ci/new", "memory.peak", "8192\n");
  EXPECT_EQ(Cgroups("new", mountinfo()).peak_memory(), 8192U);
}

TEST_F(CgroupsTest, leave_memory_to_the_host) {
  constexpr std::uint64_t giga = 1ULL << 30U;
  EXPECT_EQ(Cgroups::most_memory(64 * giga), 62 * giga);
  EXPECT_EQ(Cgroups::most_memory(8 * giga), 7 * giga);
  EXPECT_EQ(Cgroups::most_memory(giga), giga - (giga >> 2U));
  EXPECT_EQ(Cgroups::most_memory(giga >> 3U), 0U);
  put("memory/cc-ci/run", "memory.limit_in_bytes", "");
  put("unified/cc-ci/run", "memory.max", "");
  static_cast<void>(Cgroups("run", mountinfo()).create());
  const std::string limit = test::read_text(scratch / "memory/cc-ci/run/memory.limit_in_bytes");
  EXPECT_GT(std::stoull(limit), 0U);
  EXPECT_EQ(test::read_text(scratch / "unified/cc-ci/run/memory.max"), limit);
}

TEST_F(CgroupsTest, may_be_absent) {
  const Cgroups groups("run", "");
  EXPECT_THAT(groups.create(), IsEmpty());
  EXPECT_THAT(groups.processes().value(), IsEmpty());
  EXPECT_THAT(groups.remove(), IsEmpty());
}

}  // namespace
}  // namespace ccci::engine
