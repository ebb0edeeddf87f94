// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/pypi/wheels.hpp"

#include <gtest/gtest.h>

namespace ccci::source::pypi {
namespace {

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
