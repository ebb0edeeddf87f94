// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/command/sample_commands.hpp"

namespace ccci::command {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Words = std::vector<std::string>;

Call good(const Words& words) {
  auto call = parse(words, sample_commands());
  if (!call) {
    ADD_FAILURE() << call.error().code;
    return {};
  }
  return std::move(*call);
}

base::Error bad(const Words& words) {
  auto call = parse(words, sample_commands());
  if (call) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  return call.error();
}

std::vector<std::string> given(const Call& call) {
  std::vector<std::string> text;
  for (const Given& one : call.given) {
    text.push_back(std::string(one.option->name) + "=" + one.value);
  }
  return text;
}

TEST(Parse, TakesEverySpellingOfAValue) {
  for (const Words& words : {Words{"build", "--jobs=4"}, Words{"build", "--jobs", "4"},
                             Words{"build", "-j4"}, Words{"build", "-j", "4"}}) {
    const Call call = good(words);
    EXPECT_EQ(call.command->name, "build");
    EXPECT_THAT(given(call), ElementsAre("jobs=4"));
  }
}

TEST(Parse, TakesClustersWithAValueAtTheEnd) {
  EXPECT_THAT(given(good({"build", "-nvj4"})), ElementsAre("dry-run=", "verbose=", "jobs=4"));
  EXPECT_THAT(given(good({"build", "-nj", "4"})), ElementsAre("dry-run=", "jobs=4"));
}

TEST(Parse, KeepsAValueThatLooksLikeAnOption) {
  EXPECT_THAT(given(good({"build", "--jobs", "--json"})), ElementsAre("jobs=--json"));
}

TEST(Parse, TakesGlobalOptionsBeforeAndAfterTheCommand) {
  EXPECT_THAT(given(good({"--offline", "build", "-q"})), ElementsAre("offline=", "quiet="));
  EXPECT_THAT(given(good({"-C/x", "store", "-v", "verify"})),
              ElementsAre("directory=/x", "verbose="));
}

TEST(Parse, KnowsAnOptionOnlyWithItsCommand) {
  EXPECT_EQ(bad({"--jobs=4", "build"}).code, "cli.unknown-option");
  EXPECT_EQ(bad({"store", "verify", "--jobs=4"}).code, "cli.unknown-option");
}

TEST(Parse, FindsCommandsOfTwoWords) {
  EXPECT_EQ(good({"store", "verify"}).command->name, "store verify");
  const auto alone = bad({"store"});
  EXPECT_EQ(alone.code, "cli.incomplete-command");
  EXPECT_EQ(alone.field("choices"), "'verify', 'repair'");
}

TEST(Parse, EndsOptionsAtTwoDashes) {
  EXPECT_THAT(good({"build", "--", "--json", "-x"}).operands, ElementsAre("--json", "-x"));
  EXPECT_THAT(good({"build", "-"}).operands, ElementsAre("-"));
}

TEST(Parse, PassesTheRestOnUntouched) {
  const Words rest{"git", "--help", "-C", "--", "x"};
  for (Words words :
       {Words{"run"}, Words{"run", "--"}, Words{"run", "--pure"}, Words{"run", "--pure", "--"}}) {
    words.insert(words.end(), rest.begin(), rest.end());
    const Call call = good(words);
    EXPECT_EQ(call.wish, Call::Wish::run);
    EXPECT_EQ(call.operands, rest);
  }
  EXPECT_THAT(good({"run", "--", "--pure"}).operands, ElementsAre("--pure"));
}

TEST(Parse, SuggestsWhatWasLikelyMeant) {
  EXPECT_EQ(bad({"biuld"}).field("likely"), "build");
  EXPECT_EQ(bad({"store", "verfy"}).field("likely"), "store verify");
  EXPECT_EQ(bad({"sotre"}).field("likely"), "store");
  EXPECT_EQ(bad({"build", "--jsn"}).field("likely"), "--json");
  EXPECT_EQ(bad({"build", "--ofline"}).field("likely"), "--offline");
  EXPECT_EQ(bad({"build", "--color=alway"}).field("likely"), "always");
  EXPECT_EQ(bad({"completely-else"}).field("likely"), "");
}

TEST(Parse, NeverSuggestsAHiddenCommand) { EXPECT_EQ(bad({"hiden"}).field("likely"), ""); }

TEST(Parse, SaysWhatIsMissingOrTooMuch) {
  EXPECT_EQ(bad({"build", "--jobs"}).code, "cli.missing-value");
  EXPECT_EQ(bad({"build", "--jobs", ""}).code, "cli.missing-value");
  EXPECT_EQ(bad({"build", "--jobs="}).code, "cli.missing-value");
  EXPECT_EQ(bad({"build", "-j"}).field("option"), "-j");
  EXPECT_EQ(bad({"build", "--json=yes"}).code, "cli.unexpected-value");
  EXPECT_EQ(bad({"run"}).code, "cli.missing-operand");
  EXPECT_EQ(bad({"why"}).field("operand"), "NAME");
  const auto extra = bad({"why", "a", "b"});
  EXPECT_EQ(extra.code, "cli.extra-operand");
  EXPECT_EQ(extra.field("operand"), "b");
  EXPECT_EQ(extra.field("command"), "cc-ci why");
}

TEST(Parse, RefusesAnEmptyOperandOfItsOwn) {
  const auto empty = bad({"why", ""});
  EXPECT_EQ(empty.code, "cli.empty-operand");
  EXPECT_EQ(empty.field("operand"), "NAME");
  EXPECT_THAT(good({"run", "printf", ""}).operands, ElementsAre("printf", ""));
}

TEST(Parse, ChecksChoicesOfOptionsAndOperands) {
  EXPECT_EQ(bad({"--color", "blue"}).code, "cli.choice");
  EXPECT_EQ(bad({"shape", "oval"}).field("choices"), "round, square");
  EXPECT_THAT(good({"shape", "round"}).operands, ElementsAre("round"));
}

TEST(Parse, GrantsHelpWhateverElseIsWrong) {
  EXPECT_EQ(good({"why", "--help"}).wish, Call::Wish::full_help);
  EXPECT_EQ(good({"why", "-h", "a", "b", "--nonsense"}).wish, Call::Wish::short_help);
  EXPECT_EQ(good({"--help", "why"}).command->name, "why");
  EXPECT_EQ(good({"store", "--help"}).family, "store");
  EXPECT_EQ(good({"--help"}).command, nullptr);
  EXPECT_EQ(good({"--version"}).wish, Call::Wish::version);
  EXPECT_EQ(bad({"build", "--help=yes"}).code, "cli.unexpected-value");
}

TEST(Parse, LeavesNoCommandToTheCaller) {
  const Call call = good({});
  EXPECT_EQ(call.wish, Call::Wish::run);
  EXPECT_EQ(call.command, nullptr);
  EXPECT_THAT(call.operands, IsEmpty());
}

TEST(Parse, SurvivesOddWords) {
  EXPECT_EQ(bad({""}).code, "cli.unknown-command");
  EXPECT_EQ(bad({"build", "--="}).code, "cli.unknown-option");
  EXPECT_EQ(bad({"build", "-\xff"}).code, "cli.unknown-option");
  EXPECT_EQ(bad({std::string(100'000, 'x')}).code, "cli.unknown-command");
}

Globals globals(const Words& words, std::map<std::string, std::string> set, bool root) {
  const Call call = good(words);
  const auto variables = [&](const char* name) -> const char* {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  };
  return globals_of(call.given, variables, root).value();
}

TEST(GlobalOptions, AreReadTheLastOneWins) {
  const Globals read = globals(
      {"-C", "/a", "--file=x.toml", "--offline", "-q", "-v", "-C", "/b", "--color=never", "build"},
      {}, true);
  EXPECT_EQ(read.directory, "/b");
  EXPECT_EQ(read.file, "x.toml");
  EXPECT_TRUE(read.offline);
  EXPECT_EQ(read.verbosity, 1);
  EXPECT_EQ(read.color, report::ColorChoice::never);
}

TEST(GlobalOptions, FindTheStateDirectory) {
  EXPECT_EQ(globals({}, {}, true).state, "/var/lib/cc-ci");
  EXPECT_EQ(globals({}, {{"HOME", "/h"}}, false).state, "/h/.local/state/cc-ci");
  EXPECT_EQ(globals({}, {{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}, false).state, "/s/cc-ci");
  EXPECT_EQ(globals({}, {{"HOME", "/h"}, {"XDG_STATE_HOME", "s"}}, false).state,
            "/h/.local/state/cc-ci");
  EXPECT_EQ(globals({}, {{"CC_CI_STATE", "/e"}}, true).state, "/e");
  EXPECT_EQ(globals({"--state=/o"}, {{"CC_CI_STATE", "/e"}}, true).state, "/o");
  const auto nothing = globals_of(
      {}, [](const char*) -> const char* { return nullptr; }, false);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, "cli.no-home");
}

}  // namespace
}  // namespace ccci::command
