// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/judge.hpp"

#include "gate/pattern.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Observation printed(const std::string& text, int status = 0) {
  Observation seen;
  seen.status = status;
  seen.out = {text, text.size()};
  return seen;
}

Expectation expecting(const std::string& text) {
  const auto phase = read_phase(one_check("ls", text), "p", "p.toml");
  if (!phase) throw std::runtime_error(phase.error().code + ": " + text);
  return phase->gates[0].checks[0].expect;
}

std::vector<std::string> judged(const std::string& expect, const Observation& seen) {
  return judge(expecting(expect), seen, nullptr);
}

TEST(Judge, StatusIsZeroUnlessSaid) {
  EXPECT_THAT(judged("output = 'x'", printed("x\n")), IsEmpty());
  EXPECT_THAT(judged("output = 'x'", printed("x\n", 1)),
              ElementsAre("exit status: expected 0, found 1"));
  EXPECT_THAT(judged("status = 1", printed("", 1)), IsEmpty());
  Observation complaining = printed("x\n", 3);
  complaining.err.kept = "cc-ci: error: \x1b[1mno lock\nhint\n";
  EXPECT_THAT(judged("output = 'x'", complaining),
              ElementsAre("exit status: expected 0, found 3, with the message 'cc-ci: error: "
                          "\\x1b[1mno lock'"));
}

TEST(Judge, ProgressIsNotTheReasonOfAFailure) {
  Observation seen = printed("single-source  pass\nclosed  fail  3 commands\n", 1);
  seen.err.kept = "reading the archive's indexes\nverified 3 packages\n";
  EXPECT_THAT(judged("status = 0", seen),
              ElementsAre("exit status: expected 0, found 1, with the message 'closed  fail  3 "
                          "commands'"));
  seen.out.kept.clear();
  EXPECT_THAT(judged("status = 0", seen), ElementsAre(HasSubstr("'verified 3 packages'")));
}

TEST(Judge, OutputIsExactButForItsLastNewline) {
  EXPECT_THAT(judged("output = \"a\\nb\"", printed("a\nb\n")), IsEmpty());
  EXPECT_THAT(judged("output = \"a\\nb\\n\"", printed("a\nb\n")), IsEmpty());
  EXPECT_THAT(judged("output = 'a'", printed("a\n\n")), ElementsAre(HasSubstr("found 'a\\n'")));
  EXPECT_THAT(judged("output = 'a'", printed("a ")), testing::SizeIs(1));
  EXPECT_THAT(judged("output = ''", printed("")), IsEmpty());
  EXPECT_THAT(judged("output = ''", printed("\n")), testing::SizeIs(1));
}

TEST(Judge, EachPatternMustBeFoundInSomeLine) {
  EXPECT_THAT(judged("matches = ['^b+$', 'a']", printed("a\nbb\n")), IsEmpty());
  EXPECT_THAT(judged("matches = ['^b+$', 'z']", printed("a\nbb\n")),
              ElementsAre("output: expected a line matching 'z', found 'a\\nbb\\n'"));
  EXPECT_THAT(judged("matches = 'a.b'", printed("a\nb\n")), testing::SizeIs(1));
  EXPECT_THAT(judged("matches = '^$'", printed("")), testing::SizeIs(1));
  EXPECT_THAT(judged("matches = 'end$'", printed(std::string("nul\0end", 7))), IsEmpty());
}

TEST(Judge, CountsLinesWithOrWithoutALastNewline) {
  EXPECT_THAT(judged("lines = 2", printed("a\nb\n")), IsEmpty());
  EXPECT_THAT(judged("lines = 2", printed("a\nb")), IsEmpty());
  EXPECT_THAT(judged("lines = 0", printed("")), IsEmpty());
  EXPECT_THAT(judged("lines = 3", printed("a\nb\n")),
              ElementsAre("output: expected 3 lines, found 2 lines"));
  EXPECT_THAT(judged("lines = { least = 1, most = 2 }", printed("a\nb\nc\n")), testing::SizeIs(1));
  EXPECT_THAT(judged("lines = { least = 1 }", printed("")), testing::SizeIs(1));
}

TEST(Judge, JsonValuesAreComparedByTypeAndValue) {
  const Observation seen = printed(R"({"a":[{"b":3}],"s":"3","t":true})");
  EXPECT_THAT(judged("json = { pointer = '/a/0/b', equals = 3 }", seen), IsEmpty());
  EXPECT_THAT(judged("json = { pointer = '/t', equals = true }", seen), IsEmpty());
  EXPECT_THAT(judged("json = { pointer = '/s', equals = 3 }", seen),
              ElementsAre("JSON /s: expected 3, found '\"3\"'"));
  EXPECT_THAT(judged("json = { pointer = '/a/1/b', equals = 3 }", seen),
              ElementsAre("JSON /a/1/b: expected 3, found no value"));
  EXPECT_THAT(judged("json = { pointer = '/a', equals = 3 }", printed("{")),
              ElementsAre("output: expected JSON, found '{'"));
  EXPECT_THAT(judged("json = { pointer = '/a', equals = 3 }", printed(std::string(90000, '['))),
              testing::SizeIs(1));
  EXPECT_THAT(judged("json = { pointer = '/t/x', equals = 3 }", seen), testing::SizeIs(1));
  // An index beyond every number.
  EXPECT_THAT(judged("json = { pointer = '/a/99999999999999999999', equals = 3 }", seen),
              ElementsAre(HasSubstr("no value")));
}

TEST(Judge, TwoOutputsMustBeEqualAndNotEmpty) {
  const Expectation expect = expecting("same_as = 'cat b'");
  const auto compare = [&](const Observation& one, const Observation& other) {
    return judge(expect, one, &other);
  };
  EXPECT_THAT(compare(printed("x\n"), printed("x\n")), IsEmpty());
  EXPECT_THAT(compare(printed("x\n"), printed("x")), testing::SizeIs(1));
  EXPECT_THAT(compare(printed(""), printed("")),
              ElementsAre(HasSubstr("both commands printed nothing")));
  EXPECT_THAT(compare(printed("x"), printed("x", 1)),
              ElementsAre(HasSubstr("did not give its whole output")));
  EXPECT_THAT(judge(expect, printed("x"), nullptr), testing::SizeIs(1));
}

TEST(Judge, ACutOutputProvesNothing) {
  Observation seen = printed("aaa\n");
  seen.out.total = 1000000000;
  for (const char* expect : {"output = 'aaa'", "matches = 'a'", "lines = 1"}) {
    EXPECT_THAT(judged(expect, seen),
                ElementsAre("output: it printed 1.0 GB, of which only 4 B are kept"))
        << expect;
  }
  EXPECT_THAT(judged("status = 0", seen), IsEmpty());
}

TEST(Judge, WhatDidNotEndOrStartNeverHolds) {
  Observation seen = printed("x");
  seen.timed_out = true;
  EXPECT_THAT(judged("output = 'x'", seen), ElementsAre(HasSubstr("time limit")));
  seen.timed_out = false;
  seen.cause = "it cannot be started";
  EXPECT_THAT(judged("output = 'x'", seen), ElementsAre("it cannot be started"));
}

TEST(Judge, QuotesWhatWasFoundWithoutItsControlCharacters) {
  const auto reasons = judged("output = 'x'", printed("\x1b[2J" + std::string(5000, 'y')));
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reasons[0].find('\x1b'), std::string::npos);
  EXPECT_LT(reasons[0].size(), 400U);
}

TEST(Pattern, ALongLineIsBounded) {
  const auto pattern = Pattern::compile("needle").value();
  EXPECT_TRUE(pattern.in_line(std::string(65000, 'x') + "needle"));
  EXPECT_FALSE(pattern.in_line(std::string(70000, 'x') + "needle"));
}

}  // namespace
}  // namespace ccci::gate
