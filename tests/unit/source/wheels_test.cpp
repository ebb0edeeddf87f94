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
  const auto login = login_for(netrc, "pypi.example.org");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->user, "me");
  EXPECT_EQ(login->password, "s3cret#1");
  EXPECT_EQ(login_for(netrc, "unknown.example.org")->user, "anonymous");
  EXPECT_FALSE(login_for("machine a login b password c", "b"));
  EXPECT_FALSE(login_for("", "a"));
  EXPECT_EQ(netrc_text("a", {"b", "c"}), "machine a login b password c\n");
}

TEST(Wheels, ReadTheHostOfAnAddress) {
  EXPECT_EQ(host_of("https://pypi.example.org:8443/simple/"), "pypi.example.org");
  EXPECT_EQ(host_of("http://127.0.0.1:1"), "127.0.0.1");
  EXPECT_EQ(host_of("nothing"), "");
  EXPECT_TRUE(is_loopback("http://127.0.0.1:8000/simple"));
  EXPECT_TRUE(is_loopback("http://localhost/simple"));
  EXPECT_FALSE(is_loopback("https://pypi.example.org/127.0.0.1"));
}

}  // namespace
}  // namespace ccci::source::pypi
