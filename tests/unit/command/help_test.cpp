// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/help.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/command/sample_commands.hpp"

namespace ccci::command {
namespace {

TEST(Help, OfACommandSaysAllThatItsRowSays) {
  const Command& build = *sample_commands().front();
  EXPECT_EQ(full_help(build),
            "usage: cc-ci build [OPTIONS] [HOST...]\n"
            "Build something.\n"
            "\n"
            "Output\n"
            "      --json  print one JSON object instead of text\n"
            "\n"
            "Options\n"
            "  -n, --dry-run    print what would be done; change nothing\n"
            "  -j, --jobs N     work N at once\n"
            "      --with TOOL  add TOOL (repeatable)\n"
            "\n"
            "Exit status\n"
            "  0  good\n"
            "  1  a negative result, for example damage or a stale lock\n"
            "  2  wrong usage or a bad declaration\n"
            "  3  the operation failed\n"
            "Options for every command: cc-ci --help\n");
}

TEST(Help, ShowsOwnStatusesInThePlaceOfTheUsualOnes) {
  Command command = *sample_commands().front();
  command.statuses = {{"125", "cannot be entered"}, {"1", "drift"}};
  std::vector<std::string> shown;
  for (const ExitStatus& status : all_statuses(command.statuses)) {
    shown.push_back(std::string(status.status) + " " + std::string(status.meaning));
  }
  ASSERT_EQ(shown.size(), 5U);
  EXPECT_EQ(shown[1], "1 drift");
  EXPECT_EQ(shown[4], "125 cannot be entered");
}

TEST(Help, KeepsParagraphsThatAreIndentedAsTheyAre) {
  Command command = *sample_commands().front();
  command.prose = "First line\nsecond line.\n\n  kept   as it\n  is";
  EXPECT_NE(full_help(command).find("\nFirst line second line.\n\n  kept   as it\n  is\n"),
            std::string::npos)
      << full_help(command);
}

TEST(Help, OfAFamilyListsItsCommands) {
  EXPECT_EQ(family_help("store", sample_commands()),
            "usage: cc-ci store COMMAND [OPTIONS]\n"
            "\n"
            "  store verify  verify something\n"
            "  store repair  repair something\n"
            "\n"
            "More: cc-ci help store COMMAND\n");
}

}  // namespace
}  // namespace ccci::command
