// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/destination.hpp"

#include <gtest/gtest.h>

namespace ccci::deploy {
namespace {

TEST(Destination, PlainOnesAreTaken) {
  for (const char* good : {"ci-1", "root@ci.example.org", "10.85.0.2", "deploy@10.85.0.2",
                           "ssh://root@ci.example.org:2222", "2001:db8::1", "root@fe80::1%eth0",
                           "user_name@host_name"}) {
    EXPECT_TRUE(check_destination(good)) << good;
  }
}

TEST(Destination, NothingThatSshCouldTakeForSomethingElse) {
  for (const char* bad :
       {"", "-oProxyCommand=id", "-l", "root@-oProxyCommand=id", "-root@host", "@host", "root@",
        "host name", "host;id", "host\nid", "$(id)", "host'", "ssh://", "ssh://-x", "ssh://host/x",
        "http://host", "a/b", "host\\", "\"host\""}) {
    EXPECT_FALSE(check_destination(bad)) << bad;
  }
  EXPECT_FALSE(check_destination(std::string(256, 'a')));
  EXPECT_FALSE(check_destination(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace ccci::deploy
