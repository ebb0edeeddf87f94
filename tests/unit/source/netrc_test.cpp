// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/pypi/netrc.hpp"

#include <gtest/gtest.h>

namespace ccci::source::pypi {
namespace {

TEST(Netrc, FindTheLoginOfTheIndexAndNoOther) {
  constexpr std::string_view netrc =
      "# machine pypi.example.org login wrong password wrong\n"
      "machine other.example.org login a password b\n"
      "machine pypi.example.org\n  login me\n  account x\n  password s3cret#1\n"
      "default login anonymous password guest\n";
  const auto login = login_for(netrc, "pypi.example.org:443");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->user, "me");
  EXPECT_EQ(login->password, "s3cret#1");
  EXPECT_EQ(login_for(netrc, "unknown.example.org:443")->user, "anonymous");
  EXPECT_FALSE(login_for("machine a login b password c", "b:80"));
  EXPECT_FALSE(login_for("", "a:80"));
}

TEST(Netrc, KeepTheLoginOfOnePortFromAnother) {
  constexpr std::string_view one = "machine a:8080 login b password c";
  EXPECT_EQ(login_for(one, "a:8080")->user, "b");
  EXPECT_FALSE(login_for(one, "a:9090"));
  constexpr std::string_view both =
      "machine a login general password x\nmachine a:8080 login b password c";
  EXPECT_EQ(login_for(both, "a:8080")->user, "b");
  EXPECT_EQ(login_for(both, "a:9090")->user, "general");
  EXPECT_EQ(login_for("machine [::1] login b password c", "[::1]:80")->user, "b");
}

TEST(Netrc, TakesValuesWithBlanksHashesAndQuotes) {
  constexpr std::string_view netrc =
      "machine a login \"me and you\" password \"s3 \\\"c\\\\ret\"\n"
      "machine b login me password #s3cret # of the house\n"
      "machine c login me password back\\slash\n"
      "machine [::2] login six password x\nmachine ::1 login bare password y";
  EXPECT_EQ(login_for(netrc, "a:443")->user, "me and you");
  EXPECT_EQ(login_for(netrc, "a:443")->password, "s3 \"c\\ret");
  EXPECT_EQ(login_for(netrc, "b:443")->password, "#s3cret");
  EXPECT_EQ(login_for(netrc, "c:443")->password, "back\\slash");
  EXPECT_EQ(login_for(netrc, "[::2]:443")->user, "six");
  EXPECT_EQ(login_for(netrc, "[::1]:443")->user, "bare");
}

TEST(Netrc, TakesHostsInAnyCaseAndNoWordOfAMacro) {
  constexpr std::string_view netrc =
      "machine first login a password b\nmacdef init\nmachine pypi login wrong password wrong\n\n"
      "machine PyPI.example.org login me password x\n"
      "machine pypi login right password y\n";
  EXPECT_EQ(login_for(netrc, "pypi.example.org:443")->user, "me");
  EXPECT_EQ(login_for(netrc, "PYPI.EXAMPLE.ORG:443")->user, "me");
  EXPECT_EQ(login_for(netrc, "pypi:80")->user, "right");
  EXPECT_EQ(login_for(netrc, "first:80")->password, "b");
}

}  // namespace
}  // namespace ccci::source::pypi
