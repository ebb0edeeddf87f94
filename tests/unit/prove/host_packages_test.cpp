// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/host_packages.hpp"

#include <gtest/gtest.h>

#include "tests/support/debian_mirror.hpp"

namespace ccci::prove {
namespace {

TEST(HostPackages, OnlyRegularFilesThatAreNotTheHostsInside) {
  const tests::Directory place;
  const auto file = [&](const std::string& name) { return (place.path() / name).native(); };
  tests::write(file("tool:amd64.list"),
               "/.\n/etc\n/etc/passwd\n/etc/debian_version\n/etc/nothing\n/usr/bin\n/usr/bin/env\n"
               "/usr/bin/cat\n/var/lib/docker\n/home/x\n");
  tests::write(file("tool:amd64.md5sums"), "/usr/bin/sed\n");
  const auto paths = [&](const std::vector<std::string>& own) {
    std::vector<std::string> found;
    for (const HostFile& one : host_package_files(own, place.path())) {
      EXPECT_EQ(one.package, "tool");
      found.push_back(one.path);
    }
    return found;
  };
  EXPECT_EQ(paths({}), (std::vector<std::string>{"/etc/debian_version", "/usr/bin/env"}));
  EXPECT_EQ(paths({"/etc/debian_version"}), std::vector<std::string>{"/usr/bin/env"});
  EXPECT_TRUE(host_package_files({}, place.path() / "none").empty());
}

}  // namespace
}  // namespace ccci::prove
