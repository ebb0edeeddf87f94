// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold for every row of the table of commands, whoever writes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "command/help.hpp"
#include "report/width.hpp"

namespace ccci::cli {
namespace {

using command::family_help;
using command::full_help;
using command::global_options;
using command::short_help;

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
  for (const command::OptionGroup& group : command::groups_of(options)) {
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
    for (std::size_t i = 0; i + 1 < command->operands.size(); ++i) {
      EXPECT_FALSE(command->operands[i].repeatable) << name << ": only the last operand repeats";
      EXPECT_LE(command->operands[i].optional, command->operands[i + 1].optional)
          << name << ": what may be left out stands last";
    }
  }
}

// A heading that is misspelt in one row would be a further one.
TEST(CommandTable, HasTheseSections) {
  EXPECT_EQ(command::sections_of(commands()),
            (std::vector<std::string_view>{"Start", "Lock and build", "Run", "Look", "Hosts",
                                           "Gate", "Upkeep", "Help"}));
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

}  // namespace
}  // namespace ccci::cli
