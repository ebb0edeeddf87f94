// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/error_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace ccci::report {
namespace {

using base::fail;

base::Position somewhere() {
  return {.file = "cc-ci.toml",
          .line = 14,
          .column = 20,
          .length = 9,
          .excerpt = R"(packages = ["git", "git-lsf"])"};
}

TEST(ErrorText, ShowsSubjectMessageAndCode) {
  const auto error = fail("base.open").with("path", "/x").with("cause", "permission denied");
  EXPECT_EQ(render(error, {}),
            "cc-ci: error: /x: cannot be opened: permission denied [base.open]\n");
}

TEST(ErrorText, PutsThePlaceBeforeTheMessageAndTheExcerptUnderIt) {
  const auto error =
      fail("cli.unknown-option").with("option", "--jsn").with("likely", "--json").at(somewhere());
  EXPECT_EQ(render(error, {}),
            "cc-ci: error: cc-ci.toml:14:20: unknown option '--jsn' [cli.unknown-option]\n"
            "   14 | packages = [\"git\", \"git-lsf\"]\n"
            "      |                    ^^^^^^^^^\n"
            "hint: did you mean '--json'?\n");
}

TEST(ErrorText, PointsAtEveryFurtherPlaceInANote) {
  base::Position file_only;
  file_only.file = "a";
  base::Position second = somewhere();
  second.file = "b";
  const auto error = fail("cli.no-home").at(file_only).at(second);
  const std::string text = render(error, {});
  EXPECT_NE(text.find("error: a: no state directory: "), std::string::npos) << text;
  EXPECT_NE(text.find("note: see b:14:20\n   14 | packages"), std::string::npos) << text;
}

TEST(ErrorText, TakesTheOtherHintWhereAFieldIsMissingOrEmpty) {
  const auto empty = fail("cli.unknown-command").with("name", "x").with("likely", "");
  EXPECT_NE(render(empty, {}).find("hint: cc-ci --help\n"), std::string::npos);
  const auto missing = fail("cli.unknown-command").with("name", "x");
  EXPECT_NE(render(missing, {}).find("hint: cc-ci --help\n"), std::string::npos);
}

TEST(ErrorText, LeavesAHintOutThatCannotBeFilled) {
  const auto error = fail("cli.missing-value").with("option", "--file").with("value", "FILE");
  EXPECT_EQ(render(error, {}),
            "cc-ci: error: option '--file' needs a value: FILE [cli.missing-value]\n");
}

TEST(ErrorText, MarksAMissingFieldInTheMessage) {
  EXPECT_EQ(render(fail("base.open"), {}), "cc-ci: error: ?: cannot be opened: ? [base.open]\n");
}

TEST(ErrorText, LetsNothingFromOutsideReachTheTerminal) {
  const auto error = fail("base.open")
                         .with("path", "a\x1b[2J\nforged: error")
                         .with("cause", "\xff\u202e")
                         .at({"b\r", 1, 1, 1, "\x1b]0;x\x07"});
  const std::string text = render(error, {});
  for (const char letter : text) {
    EXPECT_TRUE(letter == '\n' || (letter >= 0x20 && letter < 0x7f)) << text;
  }
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
}

TEST(ErrorText, CountsSeveralErrorsAndKeepsTheirOrder) {
  std::vector<base::Error> errors;
  for (const char* path : {"a", "b"}) {
    errors.push_back(fail("base.open").with("path", path).with("cause", "gone"));
  }
  EXPECT_EQ(render(base::together(std::move(errors)), {}),
            "cc-ci: error: a: cannot be opened: gone [base.open]\n\n"
            "cc-ci: error: b: cannot be opened: gone [base.open]\n\n"
            "cc-ci: 2 errors\n");
}

TEST(ErrorText, ShowsNoMoreThanAPersonReads) {
  std::vector<base::Error> errors(1000, fail("cli.no-home"));
  const std::string text = render(base::together(std::move(errors)), {});
  EXPECT_NE(text.find("cc-ci: 1000 errors, the first 50 are shown\n"), std::string::npos);
  EXPECT_LT(text.size(), 20'000U);
}

TEST(ErrorText, ColoursThePrefixOnlyAndOnlyWhenAsked) {
  const auto error = fail("cli.unknown-command").with("name", "x");
  EXPECT_EQ(render(error, {}).find('\x1b'), std::string::npos);
  EXPECT_EQ(render(error, {.color = true}),
            "\x1b[1;31mcc-ci: error:\x1b[0m unknown command 'x' [cli.unknown-command]\n"
            "\x1b[32mhint:\x1b[0m cc-ci --help\n");
}

TEST(ErrorText, SaysWhatItKnowsOfACodeWithoutWording) {
  const auto error = fail("nowhere.known").with("path", "/x");
  EXPECT_EQ(render(error, {}),
            "cc-ci: error: an error without wording [nowhere.known]\nnote: path: /x\n");
  EXPECT_EQ(exit_status(error), 3);
}

TEST(ErrorText, RendersWarningsInTheSameShape) {
  EXPECT_EQ(render_warning("the mirror is slow\n", {}), "cc-ci: warning: the mirror is slow\\n\n");
  EXPECT_EQ(render_warning(fail("base.open").with("path", "/x").with("cause", "gone"), {}),
            "cc-ci: warning: /x: cannot be opened: gone [base.open]\n");
}

TEST(ErrorText, GivesTheHighestStatusOfSeveral) {
  EXPECT_EQ(exit_status(fail("cli.no-home")), 2);
  EXPECT_EQ(exit_status(fail("base.open")), 3);
  EXPECT_EQ(exit_status(base::together({fail("cli.no-home"), fail("base.open")})), 3);
}

TEST(ErrorText, TellsProgramsTheSameAsPeople) {
  const auto error =
      fail("cli.unknown-option").with("option", "--a\xff").with("likely", "--all").at(somewhere());
  const base::Json json = to_json(base::together({error, fail("base.open").with("path", "/x")}));
  EXPECT_EQ(json["code"], "cli.unknown-option");
  EXPECT_EQ(json["message"], "unknown option '--a\\xff'");
  EXPECT_EQ(json["exit"], 3);
  EXPECT_EQ(json["fields"]["likely"], "--all");
  EXPECT_EQ(json["where"][0]["line"], 14);
  EXPECT_EQ(json["hint"], "did you mean '--all'?");
  EXPECT_EQ(json["also"][0]["code"], "base.open");
  EXPECT_EQ(json["also"][0]["hint"], nullptr);
  EXPECT_NO_THROW(json.dump());
}

}  // namespace
}  // namespace ccci::report
