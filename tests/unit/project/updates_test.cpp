// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/updates.hpp"

#include <gtest/gtest.h>

namespace ccci::project {
namespace {

source::Package package(const std::string& name, const std::string& version,
                        const std::string& suite) {
  source::Package package;
  package.name = name;
  package.version = version;
  package.suite = suite;
  package.sha256 = name + version;
  return package;
}

TEST(Updates, ThoseOfTheSecuritySuiteAreToldApart) {
  lock::Lock before;
  before.packages = {package("curl", "7.88-10", "bookworm"), package("git", "2.39-1", "bookworm"),
                     package("jq", "1.6-2", "bookworm"), package("tar", "1.34-1", "bookworm")};
  lock::Lock after;
  after.packages = {package("curl", "7.88-11", "bookworm-security"),
                    package("git", "2.39-2", "bookworm"), package("jq", "1.6-2", "bookworm"),
                    package("new", "1", "bookworm-security"), package("tar", "1.33-1", "bookworm")};
  const Updates updates = updates_between(before, after);
  ASSERT_EQ(updates.security.size(), 1U);
  EXPECT_EQ(updates.security[0].package, "curl");
  ASSERT_EQ(updates.others.size(), 1U);
  EXPECT_EQ(updates.others[0].package, "git");
}

}  // namespace
}  // namespace ccci::project
