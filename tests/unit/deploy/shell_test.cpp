// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/shell.hpp"

#include <gtest/gtest.h>

#include "base/process.hpp"

namespace ccci::deploy {
namespace {

TEST(CommandLine, EveryShellReadsTheWordsThatWereMeant) {
  const std::vector<std::string> words{"plain",
                                       "/usr/bin/x-1.2_3",
                                       "",
                                       " ",
                                       "two words",
                                       "it's",
                                       "'",
                                       "''",
                                       "\"$HOME\" `id` $(id) \\",
                                       "a;b|c&d<e>f(g)h",
                                       "*?[a-z]{1,2}",
                                       "~root",
                                       "#comment",
                                       "A=b",
                                       "line\nbreak\ttab",
                                       "!history",
                                       "-n",
                                       "\xc3\xa4\xff\x01"};
  for (const char* shell : {"/bin/sh", "/bin/bash"}) {
    std::vector<std::string> line{"printf", "<%s>"};
    line.insert(line.end(), words.begin(), words.end());
    base::Command command;
    command.argv = {shell, "-c", command_line(line)};
    const auto outcome = base::real_processes().run(command);
    ASSERT_TRUE(outcome);
    std::string expected;
    for (const std::string& word : words) expected += "<" + word + ">";
    EXPECT_EQ(outcome->out, expected) << shell;
  }
}

TEST(CommandLine, AWordThatLooksLikeAnAssignmentIsACommand) {
  base::Command command;
  command.argv = {"/bin/sh", "-c", command_line({"A=b"})};
  const auto outcome = base::real_processes().run(command);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 127);
}

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
