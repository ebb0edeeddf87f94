// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/host_table.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;
using testing::ElementsAre;

TEST(HostTable, IdentityIsTheHostsAndConfigurationThePackages) {
  auto tree = Tree::merge({part("a", {"etc/hosts", "etc/krb5.conf", "etc/perl/x.pm"})});
  ASSERT_TRUE(tree);
  add_host_links(*tree, {});
  EXPECT_EQ(tree->find("etc/hosts")->entry.target, "/etc/.cc-ci/host/etc/hosts");
  EXPECT_EQ(tree->find("etc/passwd")->entry.target, "/etc/.cc-ci/host/etc/passwd");
  EXPECT_EQ(tree->find("etc/machine-id")->entry.target, "/etc/.cc-ci/id/machine-id");
  EXPECT_EQ(tree->find("etc/.cc-ci/id/machine-id")->entry.target,
            "/etc/.cc-ci/host/etc/machine-id");
  EXPECT_EQ(tree->find("etc/krb5.conf")->part, 0);
  EXPECT_EQ(tree->find("etc/perl/x.pm")->part, 0);
  EXPECT_EQ(tree->find("etc/.cc-ci/host/run")->entry.target, "/run")
      << "a relative link in the host's /etc must work";
  add_host_links(*tree, {"/etc/krb5.conf", "/etc/perl"});
  EXPECT_EQ(tree->find("etc/krb5.conf")->entry.target, "/etc/.cc-ci/host/etc/krb5.conf");
  EXPECT_EQ(tree->find("etc/perl")->entry.target, "/etc/.cc-ci/host/etc/perl");
  EXPECT_EQ(tree->find("etc/perl/x.pm"), nullptr);
}

TEST(HostTable, APackagesLinkIsNotWrittenThrough) {
  auto tree = Tree::merge({part("a", {"etc/ssl -> /root"})});
  ASSERT_TRUE(tree);
  add_host_links(*tree, {});
  EXPECT_EQ(tree->find("etc/ssl/private"), nullptr);
}

TEST(HostTable, PlacesAreWhatPackagesHaveInVarAndOpt) {
  const auto tree =
      Tree::merge({part("a", {"var/lib/ghc/db", "var/lib/gems/3.1.0/", "var/cache/empty/",
                              "var/cache/man/x", "opt/google/chrome*", "var/lib/docker/x",
                              "var/lib/redis/", "var/lib/sgml/a/b", "usr/lib/x"})});
  ASSERT_TRUE(tree);
  EXPECT_THAT(places(*tree, {}), ElementsAre("opt/google", "var/cache/man", "var/lib/gems",
                                             "var/lib/ghc", "var/lib/sgml"));
  EXPECT_THAT(places(*tree, {"/var/lib/sgml", "/opt/google"}),
              ElementsAre("var/cache/man", "var/lib/gems", "var/lib/ghc"))
      << "an empty directory is a place for state, and the host's";
}

}  // namespace
}  // namespace ccci::environment
