// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/script_reader.hpp"

#include <gmock/gmock.h>

namespace ccci::environment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(std::string_view script) {
  const std::vector<Invocation> found = invocations(script, "tool");
  return found.empty() ? std::vector<std::string>{"(none)"} : found.front().words;
}

TEST(ScriptReader, ReadsWordsQuotesAndContinuedLines) {
  EXPECT_THAT(words("tool a 'b c' \"d e\" f\\ g \\\n   h\n"),
              ElementsAre("a", "b c", "d e", "f g", "h"));
}

TEST(ScriptReader, FindsCallsBehindConditionsAndSeparators) {
  EXPECT_THAT(
      invocations("if test -x /y; then tool a; fi && tool b || true\n( tool c )", "tool"),
      ElementsAre(Invocation{{"a"}, true}, Invocation{{"b"}, true}, Invocation{{"c"}, true}));
}

TEST(ScriptReader, FindsCallsByAbsolutePath) {
  EXPECT_THAT(words("/usr/bin/tool a"), ElementsAre("a"));
  EXPECT_THAT(words("\"/usr/lib/x/tool\" b || true"), ElementsAre("b"));
}

TEST(ScriptReader, IgnoresCommentsAndOtherPrograms) {
  EXPECT_THAT(invocations("# tool a\necho tool b\ntoolbox c\n", "tool"), IsEmpty());
}

TEST(ScriptReader, FollowsAssignments) {
  EXPECT_THAT(words("dir=/usr/lib\nsub=\"$dir/x\"\ntool $sub ${dir}/y"),
              ElementsAre("/usr/lib/x", "/usr/lib/y"));
}

TEST(ScriptReader, TurnsALoopOncePerWord) {
  EXPECT_THAT(invocations("for i in vi ex; do\n  tool /usr/bin/$i $i\ndone\ntool end", "tool"),
              ElementsAre(Invocation{{"/usr/bin/vi", "vi"}, true},
                          Invocation{{"/usr/bin/ex", "ex"}, true}, Invocation{{"end"}, true}));
}

TEST(ScriptReader, SplitsAVariableOfSeveralWordsInALoop) {
  EXPECT_THAT(invocations("all='a b'\nfor i in $all; do tool $i; done", "tool"),
              ElementsAre(Invocation{{"a"}, true}, Invocation{{"b"}, true}));
}

TEST(ScriptReader, SaysWhatItCannotFollow) {
  for (const char* script : {"tool $1", "tool $(date)", "tool `date`", "tool ${x%y}",
                             "x=$(date)\ntool $x", "x=a\nx=$1\ntool $x"}) {
    const std::vector<Invocation> found = invocations(script, "tool");
    ASSERT_EQ(found.size(), 1U) << script;
    EXPECT_FALSE(found.front().resolved) << script;
  }
}

TEST(ScriptReader, WhatABranchMakesUnknownIsKnownBehindIt) {
  EXPECT_THAT(
      invocations("x=1\nif c; then\n x=$(expr $x - 1)\n tool $x\nelse\n tool $x\nfi\ntool $x",
                  "tool"),
      ElementsAre(Invocation{{"$x"}, false}, Invocation{{"1"}, true}, Invocation{{"1"}, true}));
}

TEST(ScriptReader, AnUnsetVariableIsNoWord) {
  EXPECT_THAT(words("unset a b || true\nif c; then\n  b='--slave x'\nfi\ntool $a $b"),
              ElementsAre("--slave", "x"));
}

TEST(ScriptReader, FollowsFunctionsWithArguments) {
  EXPECT_THAT(words("dir=/usr/x\nadd() {\n  tool --to \"$1.old\" \"$1\"\n}\nif c; then\n"
                    "  add $dir/a\nfi\n"),
              ElementsAre("--to", "/usr/x/a.old", "/usr/x/a"));
  EXPECT_THAT(
      invocations("function f { local n=$1; shift; for i in \"$@\"; do tool $n $i; done; }\n"
                  "f a b c\ntool end",
                  "tool"),
      ElementsAre(Invocation{{"a", "b"}, true}, Invocation{{"a", "c"}, true},
                  Invocation{{"end"}, true}));
  EXPECT_THAT(invocations("inner () { { tool $1; }; }\nouter() { inner $2; }\nouter a b", "tool"),
              ElementsAre(Invocation{{"b"}, true}));
}

TEST(ScriptReader, ReadsAFunctionThatNobodyCallsOrWithUnknownArguments) {
  EXPECT_THAT(invocations("f() { tool a; }\nx=$(f)", "tool"), ElementsAre(Invocation{{"a"}, true}));
  EXPECT_THAT(invocations("f() { tool $1; }\nf $(date)", "tool"),
              ElementsAre(Invocation{{"$1"}, false}));
}

TEST(ScriptReader, BoundsFunctionsThatCallThemselves) {
  EXPECT_LE(invocations("f() { f; f; f; f; f; f; f; f; tool a; }\nf", "tool").size(), 4096U);
  invocations("f() {\nf\n", "f");  // returns at all
  invocations("f()", "f");
}

TEST(ScriptReader, FollowsDeclaringCommands) {
  EXPECT_THAT(words("export a=1 b=2\nreadonly c=3\ntool $a $b $c"), ElementsAre("1", "2", "3"));
}

TEST(ScriptReader, BoundsWhatVariablesAndLoopsMakeOfAScript) {
  std::string doubled = "a=xxxxxxxx\n";
  for (int i = 0; i < 60; ++i) doubled += "a=$a$a\n";
  const auto calls = invocations(doubled + "tool $a", "tool");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_FALSE(calls.front().resolved);
  std::string often = "a=" + std::string(100'000, 'x') + "\nfor i in";
  for (int i = 0; i < 4000; ++i) often += " i";
  std::size_t bytes = 0;
  for (const Invocation& call : invocations(often + "; do tool $a $a; done", "tool")) {
    for (const std::string& word : call.words) bytes += word.size();
  }
  EXPECT_LE(bytes, 32U << 20U);
}

TEST(ScriptReader, EndsOnUnfinishedText) {
  for (const char* script : {"tool 'a", "tool \"a", "tool \\", "tool `a", "tool ${a", "tool $(a",
                             "for i in a b; do tool", "for tool in", "for"}) {
    invocations(script, "tool");  // returns at all
  }
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += "for i in a b c d e f g h; do ";
  EXPECT_LE(invocations(nested + "tool $i", "tool").size(), 4096U);
}

}  // namespace
}  // namespace ccci::environment
