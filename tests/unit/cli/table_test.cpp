// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold for every row of the table of commands, whoever writes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/man.hpp"
#include "declare/keys.hpp"
#include "report/width.hpp"
#include "tests/unit/cli/sample_commands.hpp"

namespace ccci::cli {
namespace {

void expect_phrase(std::string_view text, const std::string& whose) {
  EXPECT_FALSE(text.empty()) << whose << " has no help";
  EXPECT_FALSE(text.ends_with('.')) << whose << ": a phrase, not a sentence";
  const bool capital = text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a';
  EXPECT_FALSE(capital) << whose << ": lower case";
}

void expect_narrow(const std::string& help, const std::string& whose) {
  for (const auto line : base::split(help, '\n')) {
    EXPECT_LE(report::width_of(line), 80U) << whose << ": " << line;
    EXPECT_FALSE(line.ends_with(' ')) << whose << ": '" << line << "'";
  }
}

void expect_sound(const std::vector<Option>& options, const std::string& whose) {
  for (const OptionGroup& group : groups_of(options)) {
    EXPECT_LE(group.options.size(), 7U) << whose << ": " << group.title;
    EXPECT_FALSE(group.title.empty()) << whose;
  }
  for (const Option& option : options) {
    const std::string name = whose + " --" + std::string(option.name);
    expect_phrase(option.help, name);
    EXPECT_FALSE(option.name.starts_with('-')) << name;
    EXPECT_EQ(option.choices.empty(), option.completes != Completion::choices) << name;
    if (option.value.empty()) {
      EXPECT_EQ(option.completes, Completion::none) << name << ": a switch";
      EXPECT_FALSE(option.repeatable) << name << ": a switch";
    }
  }
}

TEST(CommandTable, HasNoNameTwice) {
  std::set<std::string_view> names;
  for (const Command* command : commands()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
  }
  // `store` could not be a command beside `store verify`: its operand might be the word "verify".
  for (const std::string_view name : names) {
    const std::size_t space = name.find(' ');
    if (space == std::string_view::npos) continue;
    EXPECT_FALSE(names.contains(name.substr(0, space))) << name;
    EXPECT_EQ(name.find(' ', space + 1), std::string_view::npos) << name << ": two words at most";
  }
}

TEST(CommandTable, HasNoOptionTwiceAndNoneOfTheGlobalOnes) {
  for (const Command* command : commands()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const auto* options : {&global_options(), &command->options}) {
      for (const Option& option : *options) {
        EXPECT_TRUE(names.insert(option.name).second) << command->name << " --" << option.name;
        if (option.letter != 0) {
          EXPECT_TRUE(letters.insert(option.letter).second)
              << command->name << " -" << option.letter;
        }
      }
    }
  }
}

TEST(CommandTable, ExplainsEverything) {
  expect_sound(global_options(), "cc-ci");
  for (const Command* command : commands()) {
    const std::string name(command->name);
    expect_phrase(command->purpose, name);
    expect_sound(command->options, name);
    EXPECT_NE(command->run, nullptr) << name;
    EXPECT_FALSE(command->example.empty()) << name << " has no example";
    EXPECT_TRUE(command->example.starts_with("cc-ci " + name)) << name << ": " << command->example;
    EXPECT_NE(std::ranges::find(sections(), command->section), sections().end())
        << name << ": unknown section " << command->section;
    for (std::size_t i = 0; i + 1 < command->operands.size(); ++i) {
      EXPECT_FALSE(command->operands[i].repeatable) << name << ": only the last operand repeats";
      EXPECT_LE(command->operands[i].optional, command->operands[i + 1].optional)
          << name << ": what may be left out stands last";
    }
  }
}

TEST(CommandTable, FitsEightyColumns) {
  expect_narrow(short_help(commands()), "cc-ci -h");
  expect_narrow(full_help(commands()), "cc-ci --help");
  for (const Command* command : commands()) {
    expect_narrow(full_help(*command), std::string(command->name));
    expect_narrow(family_help(command->name.substr(0, command->name.find(' ')), commands()),
                  std::string(command->name));
  }
}

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

TEST(ManPage, LetsNoTextActAsARequest) {
  EXPECT_EQ(roff(".so /etc/passwd\n'x \\fB-"), "\\&.so /etc/passwd\n\\&\\(aqx \\efB\\-");
}

TEST(ManPage, ThereIsOnePerCommandThatIsShown) {
  const auto pages = man_pages(sample_commands());
  // cc-ci.1 for the hidden one, and the declaration's
  ASSERT_EQ(pages.size(), sample_commands().size() + 1);
  EXPECT_EQ(pages[0].file, "cc-ci.1");
  EXPECT_EQ(pages[1].file, "cc-ci.toml.5");
  EXPECT_EQ(pages[6].file, "cc-ci-store-verify.1");
  EXPECT_NE(pages[0].text.find(".BR cc\\-ci\\-store\\-verify (1)"), std::string::npos);
  EXPECT_EQ(pages[0].text.find("hidden"), std::string::npos);
}

TEST(ManPage, OfTheDeclarationHasEveryKey) {
  const std::string page = declaration_page().text;
  for (const declare::Key& key : declare::keys()) {
    EXPECT_NE(page.find(roff(key.meaning)), std::string::npos) << key.path;
  }
  EXPECT_NE(page.find(".SS [packages.NAME]"), std::string::npos);
  EXPECT_NE(page.find("\\fBsha256\\fR (string)"), std::string::npos);
}

}  // namespace
}  // namespace ccci::cli
