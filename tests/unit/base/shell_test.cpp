// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/shell.hpp"

#include <gtest/gtest.h>

#include "base/process.hpp"

namespace ccci::base {
namespace {

TEST(ShellLine, EveryShellReadsTheWordsThatWereMeant) {
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
    Command command;
    command.argv = {shell, "-c", shell_line(line)};
    const auto outcome = real_processes().run(command);
    ASSERT_TRUE(outcome);
    std::string expected;
    for (const std::string& word : words) expected += "<" + word + ">";
    EXPECT_EQ(outcome->out, expected) << shell;
  }
}

TEST(ShellLine, AWordThatLooksLikeAnAssignmentIsACommand) {
  Command command;
  command.argv = {"/bin/sh", "-c", shell_line({"A=b"})};
  const auto outcome = real_processes().run(command);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 127);
}

TEST(ShellWord, IsBareOnlyWhereThatIsHarmless) {
  EXPECT_EQ(shell_word("/usr/bin/git"), "/usr/bin/git");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("/usr/bin/git"), "'/usr/bin/git'");
}

}  // namespace
}  // namespace ccci::base
