// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/phase.hpp"

#include <set>

#include "gate/form.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

base::Result<Phase> read(const std::string& text) { return read_phase(text, "p", "gates/p.toml"); }

// One gate with one check around `how` and `expect`.
base::Result<Phase> check(const std::string& how, const std::string& expect) {
  return read(one_check(how, expect));
}

TEST(PhaseFile, ReadsGatesInOrderWithAllParts) {
  const auto phase = read(R"(
title = "One environment"
fresh_for = "12h"
[[gate]]
name = "M1"
what = """
  It holds.
"""
where = ["cc-ci.toml", "runner/"]
[[gate.check]]
name = "builds"
how = ["sh", "-c", "echo it's"]
time_limit = "90s"
expect = { status = 3, output = "x", matches = ["^a+$", "b"], lines = { least = 2, most = 4 } }
[[gate.check]]
name = "same"
how = "cat a"
expect = { same_as = "cat b", json = [{ pointer = "/a/0", equals = true }, { pointer = "", equals = -7 }] }
[[gate]]
name = "M2"
what = "More"
where = ["x"]
[[gate.check]]
name = "n"
how = "ls"
expect = { lines = 15 }
)");
  ASSERT_TRUE(phase) << phase.error().code << phase.error().field("found");
  EXPECT_EQ(phase->fresh_for, std::chrono::hours(12));
  ASSERT_EQ(phase->gates.size(), 2U);
  const Gate& gate = phase->gates[0];
  EXPECT_EQ(gate.what, "It holds.");
  EXPECT_THAT(gate.where, ElementsAre("cc-ci.toml", "runner/"));
  ASSERT_EQ(gate.checks.size(), 2U);
  EXPECT_EQ(gate.checks[0].how.text(), "sh -c 'echo it'\\''s'");
  EXPECT_EQ(gate.checks[0].time_limit, std::chrono::seconds(90));
  EXPECT_THAT(describe(gate.checks[0].expect),
              ElementsAre("exit status 3", "output: x", "a line matching ^a+$", "a line matching b",
                          "2 to 4 lines"));
  EXPECT_THAT(
      describe(gate.checks[1].expect),
      ElementsAre("exit status 0", "the same output as: cat b", "JSON /a/0 = true", "JSON  = -7"));
  EXPECT_EQ(phase->gates[1].checks[0].expect.lines, (LineCount{15, 15}));
}

TEST(PhaseFile, ReportsAllMistakesInOneGoWithPositions) {
  const auto phase = read(R"(
titel = "x"
fresh_for = "soon"
[[gate]]
name = "M 1"
where = ["../up"]
what = 3
[[gate.check]]
name = "a"
how = []
expect = { status = 300, lines = "many" }
[[gate.check]]
name = "a"
how = "ls"
expect = { json = { pointer = "no-slash", equals = 1 } }
)");
  ASSERT_FALSE(phase);
  std::vector<std::string> found{phase.error().code + ":" +
                                 std::to_string(phase.error().where.at(0).line)};
  for (const base::Error& error : phase.error().also) {
    ASSERT_EQ(error.where.size(), 1U);
    EXPECT_EQ(error.where[0].file, "gates/p.toml");
    found.push_back(error.code + ":" + std::to_string(error.where[0].line));
  }
  EXPECT_THAT(found, ElementsAre("gate.unknown-key:2", "gate.value:3", "gate.value:5",
                                 "gate.value:6", "gate.type:7", "gate.type:10", "gate.value:11",
                                 "gate.type:11", "gate.twice:13", "gate.value:15"));
  EXPECT_EQ(phase.error().field("likely"), "title");
  EXPECT_EQ(phase.error().where[0].excerpt, "titel = \"x\"");
}

TEST(PhaseFile, RefusesMissingKeysAndEmptyLists) {
  EXPECT_THAT(codes(read("")), ElementsAre("gate.missing"));
  EXPECT_THAT(codes(read("gate = []")), ElementsAre("gate.type"));
  EXPECT_THAT(codes(read("[[gate]]\nname='a'\nwhat='b'\nwhere=[]\n")),
              ElementsAre("gate.missing", "gate.value"));
}

TEST(PhaseFile, RefusesAnExpectationThatHoldsWhateverHappens) {
  EXPECT_THAT(codes(check("ls", "")), ElementsAre("gate.no-expectation"));
  for (const char* pattern : {".*", "^", "$", "x?", "()", "a*b*", "[^#]*", "", "(a|)"}) {
    EXPECT_THAT(codes(check("ls", std::string("matches = '") + pattern + "'")),
                ElementsAre("gate.pattern"))
        << pattern;
  }
  EXPECT_THAT(codes(check("ls", "lines = { least = 0 }")), ElementsAre("gate.vacuous"));
  EXPECT_THAT(codes(check("ls", "lines = {}")), ElementsAre("gate.vacuous"));
  EXPECT_THAT(codes(check("ls a", "same_as = 'ls a'")), ElementsAre("gate.vacuous"));
  for (const char* script :
       {"true", ":", "exit 0", "make || true", "make || :", "make || exit 0"}) {
    EXPECT_THAT(codes(check(script, "status = 0")), ElementsAre("gate.vacuous")) << script;
  }
  EXPECT_THAT(codes(check("exit 4", "status = 4")), ElementsAre("gate.vacuous"));
  EXPECT_THAT(codes(check("# only a comment", "status = 0")), ElementsAre("gate.vacuous"));
}

TEST(PhaseFile, AcceptsExpectationsThatCanFail) {
  for (const auto& [how, expect] : std::vector<std::pair<const char*, const char*>>{
           {"ls", "matches = '.'"},
           {"ls", "matches = '^$'"},
           {"make || true", "output = ''"},
           {"make || exit 1", "status = 0"},
           {"make; true", "status = 0"},  // -e stops at make
           {"make\ntrue", "status = 0"},
           {"grep -c x f", "lines = 0, status = 1"}}) {
    const auto phase = check(how, expect);
    EXPECT_TRUE(phase) << how << " / " << expect << ": "
                       << (phase ? ""
                                 : phase.error().code + " " +
                                       std::string(phase.error().field("cause")));
  }
}

TEST(PhaseFile, RefusesPatternsWithoutBounds) {
  for (const char* pattern : {"(a)\\1", "((a{100}){100}){100}", "a{99999}", "(", "a\\nb["}) {
    EXPECT_THAT(codes(check("ls", std::string("matches = '") + pattern + "'")),
                ElementsAre("gate.pattern"))
        << pattern;
  }
  EXPECT_THAT(codes(check("ls", "matches = '" + std::string(2000, 'a') + "'")),
              ElementsAre("gate.pattern"));
  // Each '+' around another doubles it in memory, and what may be left out costs its square.
  const std::string nested = std::string(60, '(') + "a";
  std::string groups = nested;
  for (int i = 0; i < 60; ++i) groups += ")+";
  for (const std::string& pattern :
       {"a" + std::string(60, '+'), groups, "()" + std::string(60, '+'), std::string("a{0,9000}"),
        std::string("(a?){9000}"), std::string("[]]{999}{999}")}) {
    EXPECT_THAT(codes(check("ls", "matches = '" + pattern + "'")), ElementsAre("gate.pattern"))
        << pattern;
  }
  // "a" alone to the C library, which ends a pattern there.
  EXPECT_THAT(codes(check("ls", "matches = \"a\\u0000b\"")), ElementsAre(testing::_));
}

TEST(PhaseFile, TakesLongPatternsWithinBounds) {
  std::string fields = "^";
  for (int i = 0; i < 40; ++i) fields += "[[:alnum:]]+ [^]+*]? \\+\\(";
  for (const std::string& pattern :
       {fields, std::string("(ab{2,9}c){200}"), std::string("a{10000}"), std::string("x(a?){900}"),
        std::string("((([0-9]+)\\.)+[0-9]+ )+x")}) {
    EXPECT_THAT(codes(check("ls", "matches = '" + pattern + "'")), testing::IsEmpty()) << pattern;
  }
}

TEST(PhaseFile, RefusesControlCharactersAndPathsThatLeaveTheRepository) {
  EXPECT_THAT(codes(read("[[gate]]\nname='a'\nwhat=\"x\\u001b[2J\"\nwhere=['a']\n[[gate.check]]\n"
                         "name='c'\nhow=\"ls \\u0000\"\nexpect={status=0}\n")),
              ElementsAre("gate.value", "gate.value"));
  for (const char* path : {"/etc/passwd", "a/../../b", "-n", ":(top)x", "a\\nb"}) {
    EXPECT_THAT(codes(read(std::string("[[gate]]\nname='a'\nwhat='x'\nwhere=[\"") + path +
                           "\"]\n[[gate.check]]\nname='c'\nhow='ls'\nexpect={status=0}\n")),
                ElementsAre("gate.value"))
        << path;
  }
}

TEST(PhaseFile, SurvivesNoiseAndDeepNesting) {
  EXPECT_FALSE(read(std::string(20000, '[')));
  EXPECT_FALSE(read("gate = " + std::string(20000, '{')));
  std::string noise;
  for (int i = 0; i < 200000; ++i) noise += static_cast<char>((i * 7919) % 251);
  EXPECT_FALSE(read(noise));
}

TEST(PhaseFile, DigestsTellWhichTextChanged) {
  const Gate gate = check("cat a", "output = 'x'")->gates[0];
  Gate other = gate;
  other.checks[0].expect.output = "y";
  const base::Json before = digests(gate);
  base::Json after = digests(other);
  EXPECT_NE(before["expected"], after["expected"]);
  after["expected"] = before["expected"];
  EXPECT_EQ(before, after);
  other = gate;
  other.checks[0].how.script += " ";
  EXPECT_NE(digests(gate)["how"], digests(other)["how"]);
  other = gate;
  other.checks[0].how = {{"cat", "a"}, ""};
  EXPECT_NE(digests(gate)["how"], digests(other)["how"]);
}

TEST(PhaseFile, TheExamplesGatesCanBeReadAndCoverAllSixItems) {
  const fs::path gates = fs::path(CCCI_SOURCE_DIR) / "examples/cc-ci/gates";
  const auto phase = read(slurp(gates / "runtime.toml"));
  ASSERT_TRUE(phase) << phase.error().code << " " << phase.error().where.at(0).line;
  const Gate* gate = phase->find("M1");
  ASSERT_NE(gate, nullptr);
  std::set<char> items;
  for (const Check& check : gate->checks) items.insert(check.name.front());
  EXPECT_THAT(items, ElementsAre('1', '2', '3', '4', '5', '6'));
  EXPECT_TRUE(read_trust(slurp(gates / "keys.toml"), "keys.toml"));
}

TEST(KeyTable, HasOneRowPerKeyAndHelpForEach) {
  std::set<std::string> seen;
  for (const KeyRow& row : key_table()) {
    EXPECT_TRUE(seen.insert(std::string(row.table) + "." + std::string(row.key)).second) << row.key;
    EXPECT_FALSE(row.help.empty()) << row.key;
  }
}

TEST(Times, ReadOneFormOnly) {
  EXPECT_EQ(format_time(at("2026-02-28T23:59:59Z")), "2026-02-28T23:59:59Z");
  for (const char* text :
       {"2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:60Z", "2026-1-01T00:00:000Z", "", "-026-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
  EXPECT_EQ(parse_span("24h"), std::chrono::hours(24));
  EXPECT_EQ(format_span(std::chrono::hours(24)), "1d");
  EXPECT_EQ(format_span(std::chrono::seconds(90)), "90s");
  for (const char* text : {"", "h", "1", "-1h", "1w", "1.5h", "99999999d"}) {
    EXPECT_FALSE(parse_span(text)) << text;
  }
}

}  // namespace
}  // namespace ccci::gate
