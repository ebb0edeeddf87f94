// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/pypi/wheels.hpp"

#include <gtest/gtest.h>

namespace ccci::source::pypi {
namespace {

TEST(Wheels, FindTheLoginOfTheIndexAndNoOther) {
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

TEST(Wheels, KeepTheLoginOfOnePortFromAnother) {
  constexpr std::string_view one = "machine a:8080 login b password c";
  EXPECT_EQ(login_for(one, "a:8080")->user, "b");
  EXPECT_FALSE(login_for(one, "a:9090"));
  constexpr std::string_view both =
      "machine a login general password x\nmachine a:8080 login b password c";
  EXPECT_EQ(login_for(both, "a:8080")->user, "b");
  EXPECT_EQ(login_for(both, "a:9090")->user, "general");
  EXPECT_EQ(login_for("machine [::1] login b password c", "[::1]:80")->user, "b");
}

TEST(Wheels, ReadTheServerOfAnAddress) {
  EXPECT_EQ(authority_of("https://pypi.example.org:8443/simple/"), "pypi.example.org:8443");
  EXPECT_EQ(authority_of("https://pypi.example.org/simple/"), "pypi.example.org:443");
  EXPECT_EQ(authority_of("http://127.0.0.1:1"), "127.0.0.1:1");
  EXPECT_EQ(authority_of("http://[::1]:8/x"), "[::1]:8");
  EXPECT_EQ(authority_of("http://[::1]/x"), "[::1]:80");
  EXPECT_EQ(authority_of("nothing"), "");
  EXPECT_TRUE(is_loopback("http://127.0.0.1:8000/simple"));
  EXPECT_TRUE(is_loopback("http://localhost/simple"));
  EXPECT_FALSE(is_loopback("https://pypi.example.org/127.0.0.1"));
}

}  // namespace
}  // namespace ccci::source::pypi
