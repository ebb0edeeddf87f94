// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/gist.hpp"

#include <gtest/gtest.h>

namespace ccci::run {
namespace {

TEST(Gist, IsTheErrorAndNotItsTrace) {
  EXPECT_EQ(gist("Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n"
                 "    raise ValueError(x)\nValueError: no database\n"),
            "ValueError: no database");
  EXPECT_EQ(gist("node:net:1\n\nError: connect ECONNREFUSED 127.0.0.1:3000\n"
                 "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1)\n"
                 "    errno: -111\n}\n\nNode.js v20.1.0\n"),
            "Error: connect ECONNREFUSED 127.0.0.1:3000");
  EXPECT_EQ(gist("  % Total    % Received\n  0     0\r  0     0\r"
                 "curl: (7) Failed to connect to localhost port 80\n"),
            "curl: (7) Failed to connect to localhost port 80");
}

TEST(Gist, WithoutAnErrorIsTheLastLine) {
  EXPECT_EQ(gist(""), "");
  EXPECT_EQ(gist("\n \n"), "");
  EXPECT_EQ(gist("one\r\n  two  \n\n"), "two");
}

TEST(Gist, IsShort) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "\xC3\xA4";
  const std::string found = gist("error " + many);
  EXPECT_LE(found.size(), 305U);
  EXPECT_TRUE(found.ends_with("\xC3\xA4 \xE2\x80\xA6"));
}

}  // namespace
}  // namespace ccci::run
