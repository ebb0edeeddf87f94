// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/host_packages.hpp"

#include <gtest/gtest.h>

#include "tests/support/debian_mirror.hpp"

namespace ccci::prove {
namespace {

// Real files of this machine: a list names absolute paths.
TEST(HostPackages, FilesAndLinksThatAreNotTheHostsInside) {
  const tests::Directory place;
  std::filesystem::create_directory(place.path() / "info");
  const auto file = [&](const std::string& name) { return (place.path() / name).native(); };
  tests::write(
      file("info/tool:amd64.list"),
      "/.\n/etc\n/etc/passwd\n/etc/debian_version\n/etc/os-release\n/etc/nothing\n/usr/bin\n"
      "/usr/bin/env\n/usr/bin/cat\n/var/lib/docker\n/home/x\n");
  tests::write(file("info/tool:amd64.md5sums"), "/usr/bin/sed\n");
  const auto found = [&](const std::vector<std::string>& own) {
    std::vector<std::string> paths;
    const auto files = host_package_files(own, place.path()).value();
    for (const HostFile& one : files) {
      EXPECT_EQ(one.package, "tool");
      paths.push_back(one.path + (one.declared.empty() ? "" : " by " + one.declared));
    }
    return paths;
  };
  EXPECT_EQ(found({}),
            (std::vector<std::string>{"/etc/debian_version", "/etc/os-release", "/usr/bin/env"}));
  EXPECT_EQ(found({"/etc/debian_version"}),
            (std::vector<std::string>{"/etc/debian_version by /etc/debian_version",
                                      "/etc/os-release", "/usr/bin/env"}));
  EXPECT_TRUE(host_package_files({}, place.path() / "none").value().empty());
}

// No file of a package would be looked for, and the proof would pass.
TEST(HostPackages, ADatabaseThatCannotBeReadIsNotAnEmptyOne) {
  const tests::Directory place;
  tests::write((place.path() / "info").native(), "a file");
  EXPECT_FALSE(host_package_files({}, place.path()));
  std::filesystem::remove(place.path() / "info");
  std::filesystem::create_directories(place.path() / "info/tool.list");
  EXPECT_FALSE(host_package_files({}, place.path()));
}

TEST(HostPackages, ADivertedFileIsLookedForWhereItLies) {
  const tests::Directory place;
  std::filesystem::create_directory(place.path() / "info");
  const auto file = [&](const std::string& name) { return (place.path() / name).native(); };
  tests::write(file("info/tool.list"), "/etc/nothing\n/etc/nowhere\n");
  tests::write(file("info/other.list"), "/etc/nothing\n");
  tests::write(file("diversions"),
               "/etc/nothing\n/etc/debian_version\nother\n"
               "/etc/nowhere\n/etc/os-release\n:\n");
  std::vector<std::string> found;
  const auto files = host_package_files({}, place.path()).value();
  for (const HostFile& one : files) {
    found.push_back(one.path + " of " + one.package);
  }
  EXPECT_EQ(found,
            (std::vector<std::string>{"/etc/debian_version of tool", "/etc/os-release of tool"}));
}

}  // namespace
}  // namespace ccci::prove
